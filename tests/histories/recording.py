"""Every statement that dbt runs for a model, recorded once, to be replayed on any database pair.

What depends on data is SQL at run time, so the statements of a model are the same in every run of
one mode. Only the time zones of the sources are written into the text when it is compiled; the
replay puts the current ones in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration import transform
from orchestration.home import Home
from orchestration.ingestion import contract, schema
from orchestration.ingestion.sources import Source

MODES = ("first", "rebuild", "refresh")
"""A model without a table, one that is built anew behind it, and one that is refreshed."""

SOURCES = {"native": ("Asia/Shanghai", "CNY"), "partner": ("Europe/London", "GBP")}
"""Time zone and currency of each source while dbt is recorded."""

_COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*|\s+", re.DOTALL)
_TEMPORARY = re.compile(r"__dbt_tmp\d{14,}")
_READING = re.compile(r"(select|with|describe|show|pragma)\b", re.IGNORECASE)
_FINGERPRINT = re.compile(r"marks\.code <> \(?\s*'([0-9a-f]{32})'")


@dataclass(frozen=True)
class Model:
    """One restating model and what dbt runs for it.

    Attributes:
        reads: What `affected_by` names, models and staging views, with what these read.
        seeds: Seeds that the model reads.
        decision: The query that says whether the model has to be rebuilt.
        statements: By mode, all that changes something, from BEGIN on.
    """

    name: str
    relation: str = field(repr=False)
    by: str = field(repr=False)
    reads: dict[str, list[str]] = field(repr=False)
    seeds: tuple[str, ...] = field(repr=False)
    decision: str = field(repr=False)
    statements: dict[str, tuple[str, ...]] = field(repr=False)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what the model reads."""
        return tuple(self.reads)

    @property
    def database(self) -> str:
        """Name of the database that the model stands in."""
        return self.relation.split(".")[0].strip('"')

    @property
    def fingerprint(self) -> str:
        """The hash of the model's code, as its decision compares it."""
        found = _FINGERPRINT.search(self.decision)
        assert found, f"{self.name}: no fingerprint in {self.decision}"
        return found.group(1)


@dataclass(frozen=True)
class Recording:
    """All models in graph order, and what has to stand before the first of them runs.

    Attributes:
        start: What every run begins with: schemas and bookkeeping tables.
        views: The staging views.
        seeds: By name, the statements that load it.
    """

    models: tuple[Model, ...]
    start: tuple[str, ...]
    views: tuple[str, ...]
    seeds: dict[str, tuple[str, ...]]

    @property
    def feeds(self) -> tuple[str, ...]:
        """The entities that the models read."""
        inputs = (name for model in self.models for name in model.inputs)
        return tuple(
            dict.fromkeys(name.split("__")[1] for name in inputs if name.startswith("stg_native__"))
        )

    def model(self, name: str) -> Model:
        """Return the model of that name."""
        return next(model for model in self.models if model.name == name)

    def branch(self, name: str) -> tuple[Model, ...]:
        """Return a model and all that hangs on it."""
        names = {name}
        for model in self.models:
            if names & set(model.inputs):
                names.add(model.name)
        return tuple(model for model in self.models if model.name in names)


def prepare_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables of the schema `raw` in the current database."""
    sources = {name: Source(name, *settings, feeds={}) for name, settings in SOURCES.items()}
    schema.ensure(connection, contract.load_contract(), sources)


def record(home: Home) -> Recording:
    """Run dbt on an empty warehouse in every mode and keep what it executes; takes some 15 s.

    The current state of an entity that no other model reads is left out: it is built like that of
    the others, and each one more makes every history longer.
    """
    with duckdb.connect(str(home.warehouse)) as connection:
        prepare_raw(connection)
    runs = {"seeds": _executed(home, ["seed"])}
    for mode in MODES:
        flags = ["--full-refresh"] if mode == "rebuild" else []
        runs[mode] = _executed(home, ["run", *flags])
    manifest = transform.manifest(home)
    return Recording(
        models=tuple(
            _model(node, manifest, runs)
            for node in _in_graph_order(manifest)
            if not _is_unread(node, manifest)
        ),
        start=_start(runs),
        views=_views(runs["first"]),
        seeds={
            node["name"]: _changing(runs["seeds"], node["unique_id"])
            for node in manifest["nodes"].values()
            if node["resource_type"] == "seed"
        },
    )


def bare(statement: str) -> str:
    """Return the statement without comments, in one line."""
    return _COMMENTS.sub(" ", statement).strip()


@dataclass(frozen=True)
class _Executed:
    node: str | None
    statement: str


def _executed(home: Home, arguments: Sequence[str]) -> list[_Executed]:
    with _listening() as executed:
        result = transform.invoke(home, [*arguments, "--threads", "2"])
    assert result.nodes, f"dbt {arguments} did nothing"
    assert not result.failed, result.failed
    return executed


@contextmanager
def _listening() -> Iterator[list[_Executed]]:
    """Note each statement that dbt executes, with the node that it belongs to."""
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
    from dbt_common.events.contextvars import get_node_info

    executed: list[_Executed] = []
    execute = DuckDBCursorWrapper.execute

    def listen(self: Any, sql: str, bindings: Any = None) -> Any:
        assert bindings is None, f"a statement with bindings can't be replayed: {sql}"
        executed.append(_Executed(get_node_info().get("unique_id"), sql))
        return execute(self, sql, bindings)

    DuckDBCursorWrapper.execute = listen
    try:
        yield executed
    finally:
        DuckDBCursorWrapper.execute = execute


def _changing(executed: Sequence[_Executed], node: str | None) -> tuple[str, ...]:
    """The statements of a node that change something, or that may raise an error on purpose."""
    texts = [_TEMPORARY.sub("__dbt_tmp", one.statement) for one in executed if one.node == node]
    return tuple(
        text
        for text in texts
        if not _READING.match(bare(text)) or bare(text).lower().startswith("select error(")
    )


def _start(runs: dict[str, list[_Executed]]) -> tuple[str, ...]:
    """Schemas and the hooks of on-run-start, which stand outside any model."""
    nodes = dict.fromkeys(one.node for one in runs["first"])
    outside = [node for node in nodes if node is None or node.startswith("operation.")]
    executed = [*runs["seeds"], *runs["first"]]
    statements = [text for node in outside for text in _changing(executed, node)]
    return tuple(text for text in statements if bare(text).lower() not in ("begin", "commit"))


def _views(executed: Sequence[_Executed]) -> tuple[str, ...]:
    nodes = dict.fromkeys(
        one.node for one in executed if "create view" in bare(one.statement).lower()
    )
    return tuple(text for node in nodes for text in _changing(executed, node))


def _in_graph_order(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and "restate" in node["config"]["meta"]
    }
    ordered: dict[str, dict[str, Any]] = {}
    while len(ordered) < len(nodes):
        for unique_id in sorted(nodes.keys() - ordered.keys()):
            parents = nodes.keys() & set(nodes[unique_id]["depends_on"]["nodes"])
            if parents <= ordered.keys():
                ordered[unique_id] = nodes[unique_id]
    return list(ordered.values())


def _is_unread(node: dict[str, Any], manifest: dict[str, Any]) -> bool:
    """Whether a model of the current state has no reader."""
    readers = manifest["child_map"][node["unique_id"]]
    return node["name"].startswith("int_") and not any(
        reader.startswith("model.") for reader in readers
    )


def _model(
    node: dict[str, Any], manifest: dict[str, Any], runs: dict[str, list[_Executed]]
) -> Model:
    ids = {id_.split(".")[2]: id_ for id_ in node["depends_on"]["nodes"]}
    restate = node["config"]["meta"]["restate"]
    unique_id = node["unique_id"]
    decisions = {
        one.statement
        for one in runs["refresh"]
        if one.node == unique_id and "marks.code <>" in one.statement
    }
    assert len(decisions) == 1, f"{node['name']}: {len(decisions)} different decisions"
    statements = {mode: _changing(runs[mode], unique_id) for mode in MODES}
    for mode, texts in statements.items():
        assert bare(texts[0]).lower() == "begin", f"{node['name']} {mode}: {texts[0]}"
        is_refresh = any("restate_affected" in text for text in texts)
        assert is_refresh == (mode == "refresh"), f"{node['name']} {mode}: {texts}"
        assert "commit" in [bare(text).lower() for text in texts], f"{node['name']} {mode}"
    return Model(
        name=node["name"],
        relation=node["relation_name"],
        by=restate["by"],
        reads={
            name: manifest["nodes"][ids[name]]["depends_on"]["nodes"]
            for name in restate["affected_by"]
        },
        seeds=tuple(
            sorted(
                parent.split(".")[2]
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("seed.")
            )
        ),
        decision=decisions.pop(),
        statements=statements,
    )
