"""What the rules ask of a node of dbt's manifest, and the shape of a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Node = dict[str, Any]
Manifest = dict[str, Any]
Rule = Callable[[Node, Manifest], Iterator[str]]
"""Yields what is wrong with a model, in words that name the fault but not the model."""

PREFIXES = ("stg", "int", "fct", "dim", "agg")
FOLDERS = {
    "stg": "models/staging/",
    "int": "models/intermediate/",
    "fct": "models/marts/",
    "dim": "models/marts/",
    "agg": "models/marts/",
}
MARTS = ("fct", "dim", "agg")


FIXED_NAMES = {"published_claim_check": "agg", "period_closes": "dim"}
"""Names that are an interface, with the layer whose rules they keep."""


def prefix(name: str) -> str:
    """The layer that a model's name claims, or nothing."""
    if name in FIXED_NAMES:
        return FIXED_NAMES[name]
    first = name.split("_", 1)[0]
    return first if first in PREFIXES else ""


def is_mart(node: Node) -> bool:
    """Whether consumers read the model."""
    return str(node["original_file_path"]).startswith("models/marts/")


def models(manifest: Manifest) -> list[Node]:
    """All models of the project."""
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def inputs(node: Node, kind: str) -> list[str]:
    """Names of what a node reads: `kind` is model, seed or source."""
    ids = (unique_id.split(".") for unique_id in node["depends_on"]["nodes"])
    return sorted({parts[-1] for parts in ids if parts[0] == kind})


def sql(node: Node) -> str:
    """A model's own SQL, without comments and Jinja: what a reader has to follow."""
    code = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", node["raw_code"], flags=re.DOTALL)
    code = re.sub(r"\{\{.*?\}\}", "jinja", code, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", code)


def compiled(node: Node) -> str:
    """The SQL that dbt makes of a model, without comments; macros are written out in it."""
    return re.sub(r"--[^\n]*", "", node.get("compiled_code") or node["raw_code"])


def distinct_counts(node: Node) -> list[str]:
    """Columns that are marked to hold for their row alone."""
    return [
        column["name"]
        for column in node["columns"].values()
        if column.get("config", {}).get("meta", {}).get("additive") is False
    ]


def data_tests(node: Node, manifest: Manifest) -> list[Node]:
    """Generic data tests that are attached to a model."""
    return [
        test
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and test.get("attached_node") == node["unique_id"]
    ]
