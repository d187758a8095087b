"""The rules hold for every model, and each rule notices a model that breaks it."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from column_rules import COLUMN_RULES
from layer_rules import LAYER_RULES
from model_rules import MODEL_RULES
from nodes import Rule, is_mart, models

from orchestration.home import PROJECT
from orchestration.model_docs import describe_columns

RULES: list[Rule] = [*LAYER_RULES, *MODEL_RULES, *COLUMN_RULES]
EXCEPTIONS = {
    ("is_short", "agg_category_growth"): "five measures, each with base, ratio and growth",
    ("is_short", "agg_statement_sales"): "a list: one short step per measure",
    ("is_short", "agg_statement_trends"): "a list: one short step per measure",
    ("is_short", "dim_growth_windows"): "a list: one short step per alignment",
    ("is_short", "fct_claims"): "reads as one verdict; a part of it would be no model of its own",
    ("is_short", "fct_refund_reconciliation"): "a list: the columns of four sides and their sums",
    ("adds_up_no_distinct_counts_in_metrics", "fct_livestream_sessions"): (
        "named `session_`: who is in two sessions counts twice, as the conversions of sessions need"
    ),
    ("adds_up_no_distinct_counts_in_metrics", "agg_merchant_loyalty_monthly"): (
        "named `merchant_`: who buys at two merchants counts twice, as shares of merchants need"
    ),
    ("adds_up_no_distinct_counts_in_metrics", "agg_repurchase_daily"): (
        "only the last day of what is asked, of sources that share no customers"
    ),
    ("joins_little", "fct_claims"): (
        "the verdict needs the order, its lines, their categories and the rule; two of the joins"
        " only narrow orders and lines to those that are claimed"
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_model_keeps_the_rule(rule: Rule, manifest: dict[str, Any]) -> None:
    faults = [
        f"{node['name']} {fault}"
        for node in models(manifest)
        if (rule.__name__, node["name"]) not in EXCEPTIONS
        for fault in rule(node, manifest)
    ]
    assert faults == []


@pytest.mark.parametrize(("rule", "model"), EXCEPTIONS)
def test_every_exception_is_still_needed(rule: str, model: str, manifest: dict[str, Any]) -> None:
    broken = next(known for known in RULES if known.__name__ == rule)
    node = next(known for known in models(manifest) if known["name"] == model)
    assert list(broken(node, manifest)), "delete the exception"


def test_every_doc_block_is_used(manifest: dict[str, Any]) -> None:
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    used = {
        block
        for node in nodes
        for described in [node, *node.get("columns", {}).values()]
        for block in described.get("doc_blocks", [])
    }
    own = {name for name, doc in manifest["docs"].items() if doc["package_name"] == "anxin"}
    of_contract = {
        f"doc.anxin.{column['name']}"
        for source in manifest["sources"].values()
        for column in source["columns"].values()
        if not column["description"]
    }
    assert own - used - of_contract == set()


def test_every_column_is_described(manifest: dict[str, Any]) -> None:
    documented = deepcopy(manifest)
    describe_columns(documented)
    nodes = [*models(documented), *documented["sources"].values()]
    assert [
        f"{node['name']}.{name}"
        for node in nodes
        for name, column in node["columns"].items()
        if not column["description"].strip()
    ] == []


def test_metrics_are_labelled_and_described(manifest: dict[str, Any]) -> None:
    metrics = manifest["metrics"].values()
    assert metrics
    assert [m["name"] for m in metrics if not (m["label"] and m["description"].strip())] == []


def test_every_metric_has_its_entry_in_the_decisions(manifest: dict[str, Any]) -> None:
    text = (PROJECT / "DECISIONS.md").read_text(encoding="utf-8")
    table = text.partition("### Metrics (")[2].partition("\n### ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    entries = {entry.strip() for row in rows for entry in row.split("|")[1].split(";")}
    headings = re.findall(r"^### (.+)$", text, flags=re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])]
    assert sorted(named) == sorted(metric["name"] for metric in manifest["metrics"].values())
    assert entries - {re.sub(r" \(.+?\)", "", heading) for heading in headings} == set()


def test_readers_are_named_with_what_they_read(manifest: dict[str, Any]) -> None:
    exposures = {item["name"]: item for item in manifest["exposures"].values()}
    assert set(exposures) == {"bi_dashboards", "finance_close", "backfills"}
    published = {node["unique_id"] for node in models(manifest) if is_mart(node)}
    for item in exposures.values():
        assert item["owner"]["name"]
        assert item["description"].strip()
        assert set(item["depends_on"]["nodes"]) <= published, item["name"]


def test_every_seed_source_and_raw_table_is_described(manifest: dict[str, Any]) -> None:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    nodes = [*seeds, *manifest["sources"].values()]
    assert [node["name"] for node in nodes if not node["description"].strip()] == []


def test_every_singular_test_is_a_sentence(manifest: dict[str, Any]) -> None:
    names = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and "test_metadata" not in node
    ]
    assert names
    assert [name for name in names if not name.startswith("assert_")] == []
