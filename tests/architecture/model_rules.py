"""What every model says of itself, how it is tested, and how long it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from nodes import (
    MARTS,
    Manifest,
    Node,
    Rule,
    compiled,
    data_tests,
    distinct_counts,
    inputs,
    is_mart,
    models,
    prefix,
    sql,
)

MOST_JOINS = 5
MOST_LINES = 120
LEAST_QUESTIONS = 2


def states_its_grain(node: Node, manifest: Manifest) -> Iterator[str]:
    """In the description, and on top of the SQL for whoever reads that."""
    if not node["description"].startswith("One row per "):
        yield "has a description that doesn't begin with 'One row per'"
    if "\n-- One row per " not in "\n" + node["raw_code"]:
        yield "has no comment that begins with 'One row per'"


def is_tested_for_its_grain(node: Node, manifest: Manifest) -> Iterator[str]:
    """By the test `grain`, on columns that the YAML describes."""
    keys = [
        test["test_metadata"]["kwargs"]["columns"]
        for test in data_tests(node, manifest)
        if test["test_metadata"]["name"] == "grain"
    ]
    if not keys:
        yield "has no test of its grain"
    for column in {column for key in keys for column in key} - set(node["columns"]):
        yield f"tests the undescribed column {column}"


def is_described_beside_its_sql(node: Node, manifest: Manifest) -> Iterator[str]:
    """One YAML per model; the staging views of a source share one."""
    path = str(node["original_file_path"])
    wanted = re.sub(r"\.sql$", ".yml", path)
    if prefix(node["name"]) == "stg":
        folder = path.rsplit("/", 1)[0]
        wanted = f"{folder}/_{folder.rsplit('/', 1)[1]}__models.yml"
    found = str(node["patch_path"]).split("://")[-1]
    if found != wanted:
        yield f"is described in {found}, not in {wanted}"


def has_unit_tests(node: Node, manifest: Manifest) -> Iterator[str]:
    """Facts, roll-ups and intermediate models hold the rules; names are `<model>__<behaviour>`."""
    names = [
        test["name"] for test in manifest["unit_tests"].values() if test["model"] == node["name"]
    ]
    if not names and prefix(node["name"]) in ("int", "fct", "agg"):
        yield "has no unit test"
    for name in names:
        if not name.startswith(f"{node['name']}__"):
            yield f"has a unit test called {name}"


def is_configured_by_its_folder(node: Node, manifest: Manifest) -> Iterator[str]:
    """dbt_project.yml and restate() say how a model is built."""
    if re.search(r"\{\{\s*config\(", node["raw_code"]):
        yield "configures itself"


def is_short(node: Node, manifest: Manifest) -> Iterator[str]:
    """A reader keeps it in mind."""
    lines = len(node["raw_code"].strip().splitlines())
    if lines > MOST_LINES:
        yield f"has {lines} lines, more than {MOST_LINES}"


def joins_little(node: Node, manifest: Manifest) -> Iterator[str]:
    """Aggregate before joining, and split what needs more."""
    joins = len(re.findall(r"\bjoin\b", sql(node), flags=re.IGNORECASE))
    if joins > MOST_JOINS:
        yield f"has {joins} joins, more than {MOST_JOINS}"


def is_sliced_by_its_unit(node: Node, manifest: Manifest) -> Iterator[str]:
    """Whatever else a model reads, and all that isn't narrowed, would count once per slice."""
    restate = node["config"]["meta"].get("restate", {})
    if restate.get("slices", 1) > 1:
        narrowed = rf"affected_rows\(\s*ref\('\w+'\),\s*'{restate['by']}'\s*\)"
        named = r"rows_named_by\(\s*ref\('\w+'\)"
        rest = re.sub(f"{narrowed}|{named}", "", node["raw_code"])
        for name in inputs(node, "model"):
            if f"ref('{name}')" in rest:
                yield f"is built in slices, and doesn't narrow {name} by {restate['by']}"


def ends_in_a_final_step(node: Node, manifest: Manifest) -> Iterator[str]:
    """Import CTEs, steps, `final`, and after it at most how its rows lie; staging is one select."""
    end = r"\nselect \* from final(\n\{\{ clustered_by\('\w+'\) \}\})?\s*$"
    if prefix(node["name"]) != "stg" and not re.search(end, node["raw_code"]):
        yield "doesn't end in 'select * from final'"


def marks_its_distinct_counts(node: Node, manifest: Manifest) -> Iterator[str]:
    """Readers see in the YAML that a column holds for its row alone."""
    counted = re.findall(
        r"\bcount\(distinct [^)]*\)\s*(?:filter \([^)]*\)\s*)?as\s+(\w+)", compiled(node)
    )
    for name in sorted(set(counted) & set(node["columns"]) - set(distinct_counts(node))):
        yield f"counts distinct things as {name} without `meta: {{additive: false}}`"


def adds_up_no_distinct_counts(node: Node, manifest: Manifest) -> Iterator[str]:
    """Neither its inputs' in its SQL nor its own in questions or in metrics of their name."""
    read = inputs(node, "model")
    for other in models(manifest):
        for column in distinct_counts(other) if other["name"] in read else ():
            if adds_up(column, compiled(node), [name for name in read if name != other["name"]]):
                yield f"adds up {column} of {other['name']}, a distinct count"
    for example in node["config"]["meta"].get("questions", []):
        for column in distinct_counts(node):
            if adds_up(column, example["sql"]):
                yield f"adds up its distinct count {column} in '{example['question']}'"
    for measure in measures(node, manifest):
        if measure["name"] in distinct_counts(node) and measure["agg"] != "count_distinct":
            yield f"adds up its distinct count {measure['name']} in a metric of this name"


def adds_up_no_distinct_counts_in_metrics(node: Node, manifest: Manifest) -> Iterator[str]:
    """Under another name, either: a metric counts anew."""
    for measure in measures(node, manifest):
        for column in distinct_counts(node):
            if measure["agg"] == "sum" and re.search(rf"\b{column}\b", measure["expr"] or ""):
                yield f"adds up its distinct count {column} in the metric {measure['name']}"


def measures(node: Node, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """What the semantic models over a model aggregate."""
    for semantic_model in manifest.get("semantic_models", {}).values():
        if node["unique_id"] in semantic_model["depends_on"]["nodes"]:
            yield from semantic_model["measures"]


def adds_up(column: str, sql: str, others: Sequence[str] = ()) -> bool:
    """Whether a column stands in a sum or mean, and isn't written as that of another input."""
    sums = re.findall(rf"\b(?:sum|avg|mean)\(((?:[^()]|\([^()]*)*\b{column}\b)", sql)
    return any(not text.endswith(tuple(f"{name}.{column}" for name in others)) for text in sums)


def answers_two_questions(node: Node, manifest: Manifest) -> Iterator[str]:
    """`meta.questions` of a mart: examples that name it and run in the tests."""
    if not is_mart(node):
        return
    examples = node["config"]["meta"].get("questions", [])
    if len(examples) < LEAST_QUESTIONS:
        yield f"has {len(examples)} example questions, fewer than {LEAST_QUESTIONS}"
    for example in examples:
        if not example["question"].endswith("?"):
            yield f"asks no question with '{example['question']}'"
        if not re.search(rf"\b{node['schema']}\.{node['name']}\b", example["sql"]):
            yield f"isn't read by the answer to '{example['question']}'"


def restates_by_all_inputs(node: Node, manifest: Manifest) -> Iterator[str]:
    """Whatever a model reads can change it; staging views pass changes through."""
    if prefix(node["name"]) == "stg":
        return
    restate = node["config"]["meta"].get("restate")
    if restate is None:
        yield "doesn't restate"
        return
    named, read = set(restate["affected_by"]), set(inputs(node, "model"))
    yield from (f"reads {name} outside affected_by" for name in sorted(read - named))
    yield from (f"names {name} in affected_by without reading it" for name in sorted(named - read))
    if named and not restate["by"].endswith("_date") and not restate["recompute"]:
        yield f"doesn't say which {restate['by']} a requested date touches"


def names_an_owner(node: Node, manifest: Manifest) -> Iterator[str]:
    """`meta.owner`, by folder in dbt_project.yml: whom to ask about it."""
    if not node["config"]["meta"].get("owner", "").strip():
        yield "has no owner"


def enforces_its_contract(node: Node, manifest: Manifest) -> Iterator[str]:
    """Names and types of published columns are an interface."""
    if is_mart(node) and not node["config"]["contract"]["enforced"]:
        yield "publishes without a contract"
    if prefix(node["name"]) in MARTS and not is_mart(node):
        yield "is named like a mart, but stands outside the marts"


MODEL_RULES: list[Rule] = [
    states_its_grain,
    is_tested_for_its_grain,
    is_described_beside_its_sql,
    has_unit_tests,
    is_configured_by_its_folder,
    is_short,
    joins_little,
    is_sliced_by_its_unit,
    ends_in_a_final_step,
    marks_its_distinct_counts,
    adds_up_no_distinct_counts,
    adds_up_no_distinct_counts_in_metrics,
    answers_two_questions,
    restates_by_all_inputs,
    names_an_owner,
    enforces_its_contract,
]
