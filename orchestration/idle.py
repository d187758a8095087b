"""Which models have anything new to read, and a dbt that leaves the others alone.

A bare `dbt build` refreshes every model, which is right, but costs each of them a look. Within
`idle_left_alone`, dbt asks before each node: a model whose inputs have not moved since it read
them, and a data test of models that have not moved since they were audited, end as `no-op`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.adapters.base import BaseAdapter
    from dbt.artifacts.schemas.run import RunResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import ManifestNode
    from dbt.task.base import BaseRunner

Rows = list[tuple[Any, ...]]
REQUESTS = "@requests"
STAGING = "stg_"
"""How the names of the views on raw begin."""


@dataclass(frozen=True)
class RawHeads:
    """How far raw has come.

    Attributes:
        clock: The newest change of all.
        erased: The newest erasure, which changes rows of any entity.
        entities: By entity, the newest change of a delivery that holds rows of it.
        requests: Number and selection (None: all models) of every recompute request.
    """

    clock: int
    erased: int
    entities: dict[str, int]
    requests: list[tuple[int, str | None]]

    @classmethod
    def read(cls, rows: Callable[[str], Rows], database: str) -> RawHeads:
        """Read them from the warehouse, named `database` where `rows` runs a query."""
        found: dict[str, Rows] = {}
        for kind, name, seq in rows(_RAW.format(raw=f"{database}.raw")):
            found.setdefault(kind, []).append((name, int(seq)))
        return cls(
            clock=max((seq for _, seq in found.get("event", [])), default=0),
            erased=max((seq for _, seq in found.get("erasure", [])), default=0),
            entities=dict(found.get("entity", [])),
            requests=[(seq, selection) for selection, seq in found.get("request", [])],
        )

    def of_view(self, sources: Iterable[str]) -> int:
        """The newest change of what a staging view reads, by the unique ids of its sources."""
        entities = [id_.rpartition(".")[2] for id_ in sources if ".native." in id_]
        if not entities:
            return self.clock
        return max(self.erased, *(self.entities.get(entity, 0) for entity in entities))

    def of_requests(self, model: str) -> int:
        """The newest recompute request that names the model."""
        naming = [seq for seq, names in self.requests if names is None or model in names.split(" ")]
        return max(naming, default=0)


@dataclass(frozen=True)
class Books:
    """What the models' logs say at one moment.

    Attributes:
        marks: How far each model has read each input, by model and input.
        heads: The newest entry of each model's log.
        audited: How far each log had come when its model was last audited and published.
    """

    marks: dict[tuple[str, str], int]
    heads: dict[str, int]
    audited: dict[str, int]

    @classmethod
    def read(cls, rows: Callable[[str], Rows], warehouse: str, marts: str) -> Books:
        """Read them from both databases, by the names that they have where `rows` runs."""
        found: dict[str, dict[Any, int]] = {"mark": {}, "head": {}, "audited": {}}
        for kind, model, name, seq in rows(_BOOKS.format(warehouse=warehouse, marts=marts)):
            found[kind][(model, name) if kind == "mark" else model] = int(seq)
        return cls(found["mark"], found["head"], found["audited"])

    def unread(self, raw: RawHeads, model: str, inputs: dict[str, list[str]]) -> list[str]:
        """Inputs that a model has not read to their end.

        Args:
            raw: How far raw has come.
            model: The model's name.
            inputs: Its inputs by name; for a staging view, the unique ids of its sources.
        """
        return [
            name
            for name, sources in inputs.items()
            if not self._has_read(raw, self.marks.get((model, name)), name, sources)
        ]

    def _has_read(self, raw: RawHeads, mark: int | None, name: str, sources: list[str]) -> bool:
        if mark is None:
            return False
        if name.startswith(STAGING):
            return raw.of_view(sources) <= mark <= raw.clock
        return mark == self.heads.get(name)

    def is_idle(self, raw: RawHeads, model: str, inputs: dict[str, list[str]]) -> bool:
        """Whether a model has read all its inputs and all requests to their end."""
        asked = self.marks.get((model, REQUESTS))
        return (
            asked is not None
            and raw.of_requests(model) <= asked
            and not self.unread(raw, model, inputs)
        )

    def is_audited(self, model: str) -> bool:
        """Whether a model's rows are those that its last published audits saw."""
        return model in self.heads and self.heads[model] == self.audited.get(model)


class _Watch:
    """What the runners of one dbt command know in common; the books are read when they moved."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._raw: RawHeads | None = None
        self._books: Books | None = None

    def is_idle(self, runner: BaseRunner, manifest: Manifest) -> bool:
        """Whether there is nothing to do for the runner's node."""
        node = runner.node
        with self._lock:
            if self._raw is None or self._books is None:
                warehouse = runner.config.credentials.database
                with runner.adapter.connection_named("books"):
                    rows = _asking(runner.adapter)
                    self._raw = self._raw or RawHeads.read(rows, warehouse)
                    self._books = Books.read(rows, warehouse, "marts")
            raw, books = self._raw, self._books
        if node.resource_type == "test":
            return _is_audited(node, manifest, books)
        if not runner.adapter.get_relation(node.database, node.schema, node.alias):
            return False
        return _is_idle(node, manifest, raw, books)

    def forget(self) -> None:
        """A model was built: its log may have moved."""
        with self._lock:
            self._books = None


@contextmanager
def idle_left_alone() -> Iterator[None]:
    """Let `dbt build` leave idle models and their data tests alone.

    Only for the code, the seeds and the settings that the last whole build ended with.
    """
    from dbt.artifacts.schemas.results import RunStatus
    from dbt.node_types import NodeType
    from dbt.task.build import BuildTask

    watch = _Watch()
    usual = BuildTask.RUNNER_MAP

    def watching(runner: type[BaseRunner]) -> type[BaseRunner]:
        class Watching(runner):  # type: ignore[misc]
            """A runner that looks whether there is anything to do."""

            def run_with_hooks(self, manifest: Manifest) -> RunResult:
                """Run the node, or say that it is idle."""
                if self.skip or not watch.is_idle(self, manifest):
                    result = super().run_with_hooks(manifest)
                    if self.node.resource_type == NodeType.Model:
                        watch.forget()
                    return result
                return self._build_run_result(
                    node=self.node,
                    start_time=time.time(),
                    status=RunStatus.NoOp,
                    timing_info=[],
                    message="nothing new",
                )

        return Watching

    BuildTask.RUNNER_MAP = {
        **usual,
        NodeType.Model: watching(usual[NodeType.Model]),
        NodeType.Test: watching(usual[NodeType.Test]),
    }
    try:
        yield
    finally:
        BuildTask.RUNNER_MAP = usual


def _asking(adapter: BaseAdapter) -> Callable[[str], Rows]:
    def rows(query: str) -> Rows:
        _, table = adapter.execute(query, fetch=True)
        return [tuple(row) for row in table.rows]

    return rows


def _is_audited(test: ManifestNode, manifest: Manifest, books: Books) -> bool:
    tested = [manifest.nodes.get(id_) for id_ in test.depends_on.nodes]
    return bool(tested) and all(
        model is not None and _restate(model) and books.is_audited(model.name) for model in tested
    )


def _is_idle(model: ManifestNode, manifest: Manifest, raw: RawHeads, books: Books) -> bool:
    restate = _restate(model)
    if not restate:
        return False
    read = {id_.rpartition(".")[2]: id_ for id_ in model.depends_on.nodes}
    inputs = {
        name: list(manifest.nodes[read[name]].depends_on.nodes) for name in restate["affected_by"]
    }
    return books.is_idle(raw, model.name, inputs)


def _restate(node: ManifestNode) -> dict[str, Any] | None:
    return (node.config.meta or {}).get("restate")


_RAW = """
select 'event' as kind, null as name, coalesce(max(change_seq), 0) as seq from {raw}.change_events
union all select 'erasure', null, coalesce(max(change_seq), 0) from {raw}.erasures
union all select 'request', selection, change_seq from {raw}.recompute_requests
union all select 'entity', held.entity, max(deliveries.change_seq)
from {raw}.delivery_entities as held
inner join {raw}.deliveries as deliveries on held.delivery_id = deliveries.delivery_id
group by held.entity
"""
_BOOKS = """
select 'mark' as kind, model, input, seq from {warehouse}.changes.marks where input <> '@code'
union all select 'mark', model, input, seq from {marts}.changes.marks where input <> '@code'
union all select 'head', model, null, seq from {warehouse}.changes.heads
union all select 'head', model, null, seq from {marts}.changes.heads
union all select 'audited', model, null, seq from {marts}.changes.audited
"""
