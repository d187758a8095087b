"""Names, types, order and documentation of the columns that consumers read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from nodes import Manifest, Node, Rule, is_mart

TYPES_BY_NAME = {
    r".+_(id|key|code|codes)": "varchar",
    r".+_at": "timestamp",
    r".+_date": "date",
    r"(is|has)_.+": "boolean",
    r".+_(count|seconds)": "bigint",
    r"(.+_)?amount": "decimal(18, 2)",
    r".+_rate": "double",
}
NAMES_BY_TYPE = {
    "timestamp": r".+_at|valid_(from|to)",
    "date": r".+_date|valid_(from|to)",
    "boolean": r"(is|has)_.+",
    "decimal(18, 2)": r"(.+_)?amount",
}
ORDER = ("id", "varchar", "number", "boolean", "date", "timestamp")


def personal_columns(manifest: Manifest) -> set[str]:
    """Columns of the raw contract that say who somebody is."""
    return {
        column["name"]
        for source in manifest["sources"].values()
        for column in source["columns"].values()
        if column["config"]["meta"].get("personal") or column["config"]["meta"].get("person")
    }


def kind(name: str, data_type: str) -> str:
    """Where a column stands in a row: ids first, times last."""
    if re.fullmatch(r".+_(id|key)", name):
        return "id"
    return data_type if data_type in ORDER else "number"


def wrong_type(name: str, data_type: str) -> str | None:
    """What a column's name says of its type and its type of its name, when they disagree."""
    for pattern, wanted in TYPES_BY_NAME.items():
        if re.fullmatch(pattern, name) and data_type != wanted:
            return f"{name} is a {data_type}, not a {wanted}"
    if not re.fullmatch(NAMES_BY_TYPE.get(data_type, ".+"), name):
        return f"{name} is a {data_type}, but isn't named like one"
    return None


def names_columns_after_their_type(node: Node, manifest: Manifest) -> Iterator[str]:
    """`_id`, `_at`, `_date`, `is_` and `has_`, `_count`, `_amount`, `_rate`."""
    for column in node["columns"].values() if is_mart(node) else ():
        if found := wrong_type(column["name"], str(column["data_type"])):
            yield found


def orders_columns_by_kind(node: Node, manifest: Manifest) -> Iterator[str]:
    """Ids, strings, numbers, booleans, dates, timestamps."""
    columns = node["columns"].values() if is_mart(node) else ()
    kinds = [(kind(column["name"], str(column["data_type"])), column["name"]) for column in columns]
    for (before, _), (after, name) in pairwise(kinds):
        if ORDER.index(after) < ORDER.index(before):
            yield f"has {name} after a column of kind {before}"


def describes_columns_once(node: Node, manifest: Manifest) -> Iterator[str]:
    """By a shared doc block of the column's own name."""
    for column in node["columns"].values() if is_mart(node) else ():
        if column["doc_blocks"] != [f"doc.{node['package_name']}.{column['name']}"]:
            yield f"doesn't describe {column['name']} by its doc block"


def publishes_no_personal_column(node: Node, manifest: Manifest) -> Iterator[str]:
    """What says who somebody is stays in raw."""
    if is_mart(node):
        for name in sorted(personal_columns(manifest) & set(node["columns"])):
            yield f"publishes {name}"


def hides_no_column_behind_a_star(node: Node, manifest: Manifest) -> Iterator[str]:
    """A mart's `final` lists its columns, as its contract does."""
    final = re.search(r"\nfinal as \((.*)\n\)", node["raw_code"], flags=re.DOTALL)
    if is_mart(node) and (final is None or re.search(r"select\s+(\w+\.)?\*", final[1])):
        yield "doesn't list its columns in `final`"


COLUMN_RULES: list[Rule] = [
    names_columns_after_their_type,
    orders_columns_by_kind,
    describes_columns_once,
    publishes_no_personal_column,
    hides_no_column_behind_a_star,
]
