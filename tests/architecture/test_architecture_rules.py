"""Each rule is shown a model that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from column_rules import (
    COLUMN_RULES,
    describes_columns_once,
    hides_no_column_behind_a_star,
    names_columns_after_their_type,
    orders_columns_by_kind,
    publishes_no_personal_column,
)
from layer_rules import (
    LAYER_RULES,
    is_named_after_its_layer,
    is_published_only_from_the_marts,
    names_no_relation_itself,
    only_staging_reads_sources,
    reads_only_the_layers_below,
    stands_in_its_layers_folder,
)
from model_rules import (
    MODEL_RULES,
    adds_up_no_distinct_counts,
    adds_up_no_distinct_counts_in_metrics,
    answers_two_questions,
    ends_in_a_final_step,
    enforces_its_contract,
    has_unit_tests,
    is_configured_by_its_folder,
    is_described_beside_its_sql,
    is_short,
    is_sliced_by_its_unit,
    is_tested_for_its_grain,
    joins_little,
    marks_its_distinct_counts,
    names_an_owner,
    restates_by_all_inputs,
    states_its_grain,
)
from nodes import Manifest, Node, Rule

FACT_SQL = """{{ restate(by='order_id', affected_by={'int_orders_current': 'order_id'}) }}
-- One row per order.
with
orders as (
    select * from {{ affected_rows(ref('int_orders_current'), 'order_id') }}
),

final as (
    select
        order_id,
        pay_amount,
    from orders
)

select * from final
"""


def column(name: str, data_type: str) -> dict[str, Any]:
    return {"name": name, "data_type": data_type, "doc_blocks": [f"doc.anxin.{name}"]}


def columns(*described: tuple[str, str]) -> dict[str, Any]:
    return {name: column(name, data_type) for name, data_type in described}


def question(text: str, sql: str = "select count(*) from core.fct_orders") -> dict[str, str]:
    return {"question": text, "sql": sql}


def asking(*questions: dict[str, str]) -> dict[str, Any]:
    config = fact()["config"]
    return {**config, "meta": {**config["meta"], "questions": list(questions)}}


def counting(additive: bool = False, **changes: Any) -> Node:
    """A mart that counts distinct buyers and says so, unless it is told otherwise."""
    buyers = {**column("buyer_count", "bigint"), "config": {"meta": {"additive": additive}}}
    sql = "select count(distinct customer_key) as buyer_count from orders"
    return fact(**{"columns": {"buyer_count": buyers}, "raw_code": sql, **changes})


def fact(**changes: Any) -> Node:
    """A mart that keeps every rule, but for what is changed."""
    return {
        "name": "fct_orders",
        "unique_id": "model.anxin.fct_orders",
        "resource_type": "model",
        "package_name": "anxin",
        "original_file_path": "models/marts/core/fct_orders.sql",
        "patch_path": "anxin://models/marts/core/fct_orders.yml",
        "database": "marts",
        "schema": "core",
        "description": "One row per order.",
        "raw_code": FACT_SQL,
        "columns": columns(
            ("order_id", "varchar"),
            ("channel", "varchar"),
            ("item_count", "bigint"),
            ("pay_amount", "decimal(18, 2)"),
            ("is_paid", "boolean"),
            ("paid_date", "date"),
            ("paid_at", "timestamp"),
        ),
        "depends_on": {"nodes": ["model.anxin.int_orders_current"]},
        "config": {
            "materialized": "incremental",
            "contract": {"enforced": True},
            "meta": {
                "owner": "data engineering",
                "restate": {
                    "by": "order_id",
                    "affected_by": {"int_orders_current": "order_id"},
                    "recompute": "select order_id from int_orders_current",
                },
                "questions": [question("How many?"), question("Which?")],
            },
        },
        **changes,
    }


def view(**changes: Any) -> Node:
    """A staging view that keeps every rule, but for what is changed."""
    return fact(
        **{
            "name": "stg_native__orders",
            "unique_id": "model.anxin.stg_native__orders",
            "original_file_path": "models/staging/native/stg_native__orders.sql",
            "patch_path": "anxin://models/staging/native/_native__models.yml",
            "database": "warehouse",
            "schema": "staging",
            "raw_code": "-- One row per version.\nselect order_id from {{ source('native', 'o') }}",
            "depends_on": {"nodes": ["source.anxin.native.orders"]},
            "config": {
                "materialized": "view",
                "contract": {"enforced": False},
                "meta": {"owner": "us"},
            },
            **changes,
        }
    )


def restating(**changes: Any) -> dict[str, Any]:
    config = fact()["config"]
    restate = {**config["meta"]["restate"], **changes}
    return {**config, "meta": {**config["meta"], "restate": restate}}


def reading(*unique_ids: str) -> dict[str, Any]:
    return {"nodes": list(unique_ids)}


def around(node: Node, *others: Node) -> Manifest:
    """A manifest in which the node is tested, beside other models."""
    grain = {
        "resource_type": "test",
        "attached_node": node["unique_id"],
        "test_metadata": {"name": "grain", "kwargs": {"columns": ["order_id"]}},
    }
    personal = {"name": "receiver_phone", "config": {"meta": {"personal": True}}}
    return {
        "nodes": {**{other["unique_id"]: other for other in (node, *others)}, "test": grain},
        "unit_tests": {"unit": {"name": f"{node['name']}__counts", "model": node["name"]}},
        "sources": {"source": {"columns": {"receiver_phone": personal}}},
    }


def measuring(name: str, agg: str = "sum") -> Manifest:
    """A manifest in which a semantic model aggregates the buyers that `counting` counts."""
    semantic_model = {
        "depends_on": reading("model.anxin.fct_orders"),
        "measures": [{"name": name, "agg": agg, "expr": "buyer_count"}],
    }
    return {**around(counting()), "semantic_models": {"orders": semantic_model}}


def untested(manifest: Manifest) -> Manifest:
    nodes = {name: node for name, node in manifest["nodes"].items() if name != "test"}
    return {**manifest, "nodes": nodes, "unit_tests": {}}


def roll_up(sql: str) -> Node:
    return fact(
        name="agg_sales_daily",
        unique_id="model.anxin.agg_sales_daily",
        raw_code=sql,
        depends_on=reading("model.anxin.fct_orders"),
    )


def bad_examples() -> Iterator[tuple[Rule, Node, Manifest]]:
    """Every rule with a model that breaks it."""
    alone: list[tuple[Rule, Node]] = [
        (is_named_after_its_layer, fact(name="orders")),
        (is_named_after_its_layer, fact(name="stg_orders")),
        (is_named_after_its_layer, fact(name="fct_Orders")),
        (stands_in_its_layers_folder, fact(name="int_orders_current")),
        (stands_in_its_layers_folder, view(name="stg_retail__orders")),
        (only_staging_reads_sources, fact(depends_on=reading("source.anxin.native.orders"))),
        (reads_only_the_layers_below, view(depends_on=reading("model.anxin.stg_native__a"))),
        (reads_only_the_layers_below, view(depends_on=reading("seed.anxin.categories"))),
        (reads_only_the_layers_below, fact(depends_on=reading("model.anxin.stg_native__a"))),
        (reads_only_the_layers_below, fact(depends_on=reading("model.anxin.agg_sales_daily"))),
        (
            reads_only_the_layers_below,
            fact(name="agg_daily", depends_on=reading("model.anxin.int_orders_current")),
        ),
        (
            reads_only_the_layers_below,
            fact(name="int_orders_paid", depends_on=reading("model.anxin.fct_orders")),
        ),
        (names_no_relation_itself, fact(raw_code="select * from raw.orders")),
        (names_no_relation_itself, fact(raw_code="select 1 from a join marts.core.fct_orders")),
        (is_published_only_from_the_marts, fact(database="warehouse")),
        (is_published_only_from_the_marts, view(database="marts")),
        (is_published_only_from_the_marts, view(config={"materialized": "table"})),
        (is_published_only_from_the_marts, fact(config={"materialized": "view"})),
        (is_published_only_from_the_marts, fact(schema="sales")),
        (states_its_grain, fact(description="Orders.")),
        (states_its_grain, fact(raw_code="select 1 -- One row per order.")),
        (is_tested_for_its_grain, fact(columns={})),
        (is_described_beside_its_sql, fact(patch_path=None)),
        (is_described_beside_its_sql, view(patch_path="anxin://models/staging/staging.yml")),
        (is_configured_by_its_folder, fact(raw_code="{{ config(materialized='table') }}")),
        (is_short, fact(raw_code="\n".join(["select 1"] * 121))),
        (joins_little, fact(raw_code="select 1 from a" + " left join b using (c)" * 6)),
        (is_sliced_by_its_unit, fact(config=restating(by="merchant_id", slices=2))),
        (
            is_sliced_by_its_unit,
            fact(
                config=restating(by="order_id", slices=2),
                raw_code=FACT_SQL.replace("affected_rows(", "rows_in_windows("),
            ),
        ),
        (marks_its_distinct_counts, counting(additive=True)),
        (
            adds_up_no_distinct_counts,
            counting(config=asking(question("How many?", "select sum(buyer_count) from a"))),
        ),
        (answers_two_questions, fact(config=asking(question("How many?")))),
        (answers_two_questions, fact(config=asking(question("How many?"), question("Some.")))),
        (
            answers_two_questions,
            fact(config=asking(question("How many?"), question("Who?", "select 1"))),
        ),
        (ends_in_a_final_step, fact(raw_code="with final as (select 1) select * from final")),
        (ends_in_a_final_step, fact(raw_code=FACT_SQL + "where true\n")),
        (restates_by_all_inputs, fact(config={"meta": {}})),
        (restates_by_all_inputs, fact(depends_on=reading("model.anxin.int_claims_current"))),
        (restates_by_all_inputs, fact(depends_on=reading())),
        (restates_by_all_inputs, fact(config=restating(recompute=None))),
        (names_an_owner, fact(config={"meta": {}})),
        (names_an_owner, fact(config={"meta": {"owner": " "}})),
        (enforces_its_contract, fact(config={"contract": {"enforced": False}})),
        (enforces_its_contract, fact(original_file_path="models/core/fct_orders.sql")),
        (names_columns_after_their_type, fact(columns=columns(("order_id", "bigint")))),
        (names_columns_after_their_type, fact(columns=columns(("paid_at", "date")))),
        (names_columns_after_their_type, fact(columns=columns(("payment", "timestamp")))),
        (names_columns_after_their_type, fact(columns=columns(("pay_amount", "double")))),
        (names_columns_after_their_type, fact(columns=columns(("price", "decimal(18, 2)")))),
        (names_columns_after_their_type, fact(columns=columns(("paid", "boolean")))),
        (names_columns_after_their_type, fact(columns=columns(("item_count", "hugeint")))),
        (names_columns_after_their_type, fact(columns=columns(("return_rate", "bigint")))),
        (
            orders_columns_by_kind,
            fact(columns=columns(("channel", "varchar"), ("order_id", "varchar"))),
        ),
        (
            orders_columns_by_kind,
            fact(columns=columns(("is_paid", "boolean"), ("pay_amount", "decimal(18, 2)"))),
        ),
        (
            orders_columns_by_kind,
            fact(columns=columns(("paid_at", "timestamp"), ("paid_date", "date"))),
        ),
        (
            describes_columns_once,
            fact(columns={"channel": {**column("channel", "varchar"), "doc_blocks": []}}),
        ),
        (publishes_no_personal_column, fact(columns=columns(("receiver_phone", "varchar")))),
        (
            hides_no_column_behind_a_star,
            fact(raw_code="with\nfinal as (\n    select orders.* from orders\n)\n"),
        ),
        (hides_no_column_behind_a_star, fact(raw_code="select * from orders")),
    ]
    yield from ((rule, node, around(node)) for rule, node in alone)
    yield is_tested_for_its_grain, fact(), untested(around(fact()))
    yield has_unit_tests, fact(), untested(around(fact()))
    yield (
        has_unit_tests,
        fact(),
        {**around(fact()), "unit_tests": {"unit": {"name": "counts", "model": "fct_orders"}}},
    )
    yield adds_up_no_distinct_counts, counting(), measuring("buyer_count")
    yield adds_up_no_distinct_counts_in_metrics, counting(), measuring("order_buyer_count")
    for added in ("sum(orders.buyer_count)", "sum(coalesce(buyer_count, 0))", "avg(buyer_count)"):
        adding = roll_up(f"select {added} as buyer_count from orders")
        yield adds_up_no_distinct_counts, adding, around(adding, counting())


EXAMPLES = list(bad_examples())
RULES = [*LAYER_RULES, *MODEL_RULES, *COLUMN_RULES]


@pytest.mark.parametrize(
    ("rule", "node", "manifest"), EXAMPLES, ids=[rule.__name__ for rule, _, _ in EXAMPLES]
)
def test_a_rule_notices_a_model_that_breaks_it(rule: Rule, node: Node, manifest: Manifest) -> None:
    assert list(rule(node, manifest))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_content_with_a_model_that_keeps_it(rule: Rule) -> None:
    for node in (fact(), view()):
        assert list(rule(node, around(node))) == []


def test_every_rule_has_a_bad_example() -> None:
    assert {rule.__name__ for rule, _, _ in EXAMPLES} == {rule.__name__ for rule in RULES}


def test_a_plain_count_may_be_added_up() -> None:
    plain = counting(additive=True, raw_code="select count(*) as buyer_count from orders")
    adding = roll_up("select sum(orders.buyer_count) as buyer_count from orders")
    assert list(adds_up_no_distinct_counts(adding, around(adding, plain))) == []


def test_a_distinct_count_may_stand_beside_a_sum() -> None:
    beside = roll_up("select sum(gmv_amount) as gmv_amount, max(buyer_count) as most from orders")
    assert list(adds_up_no_distinct_counts(beside, around(beside, counting()))) == []


def test_a_distinct_count_may_be_added_up_under_a_name_that_says_so() -> None:
    named, counted_anew = measuring("order_buyer_count"), measuring("buyer_count", "count_distinct")
    assert list(adds_up_no_distinct_counts(counting(), named)) == []
    assert list(adds_up_no_distinct_counts(counting(), counted_anew)) == []
    assert list(adds_up_no_distinct_counts_in_metrics(counting(), counted_anew)) == []


def test_another_inputs_column_of_the_same_name_may_be_added_up() -> None:
    adding = roll_up("select sum(agg_daily.buyer_count) as buyer_count from orders")
    adding["depends_on"] = reading("model.anxin.fct_orders", "model.anxin.agg_daily")
    assert list(adds_up_no_distinct_counts(adding, around(adding, counting()))) == []
