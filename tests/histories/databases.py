"""What a replayed pair of databases and one that dbt has built have in common: questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from orchestration import change_logs, transform
from orchestration.idle import Books, RawHeads

from .recording import Model, Recording

PLANNED = "planned failure"
_SMALL_WORLD = {"score_parameters": "update {relation} set min_sample = 1"}
"""Seeds whose thresholds a small world would never reach."""
DIGEST = "select count(*), sum(hash(rows)), bit_xor(hash(rows)) from {relation} as rows"

_BUILT = (
    "select table_name from duckdb_tables() where database_name = 'warehouse'"
    " and schema_name = 'changes' and table_name <> 'loaded'"
)
_RAW_HEAD = "select coalesce(max(change_seq), 0) from raw.change_events"
_HEADS = "select model, seq from changes.heads union all select model, seq from marts.changes.heads"
_MARKS = (
    "select model, input, seq from changes.marks"
    " union all select model, input, seq from marts.changes.marks"
)


@dataclass(frozen=True)
class Code:
    """What stands in the repository: how often each model and each seed has been changed."""

    models: Mapping[str, int] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Models that fail, each after so many of its statements."""

    models: frozenset[str]
    after: int


@dataclass(frozen=True)
class Ran:
    """What became of a run: the mode of each model that was built, and who was not."""

    built: dict[str, str]
    errors: dict[str, str]
    skipped: tuple[str, ...] = ()


class Databases(ABC):
    """Warehouse and marts with the models that stand in them.

    Attributes:
        recording: The models.
        code: The code that the next run builds with.
        connection: The warehouse is its current database, `marts` is attached.
    """

    recording: Recording
    code: Code
    connection: duckdb.DuckDBPyConnection

    def __init__(self) -> None:
        self._whole: object = None
        self._marts: object = None
        self._kept: dict[str, object] = {}

    def _state(self) -> object:
        """All besides the data that decides what a run yields."""
        return self.code

    def _begin(self, selection: Collection[str] | None, leave_idle: bool) -> bool:
        """Say whether a run may leave idle models alone, as the pipeline decides it.

        That is when warehouse and marts were both last built whole by today's code.
        """
        stands = self._whole == self._marts == self._state()
        self._whole = None
        return leave_idle and selection is None and stands

    def _end(self, ran: Ran, selection: Collection[str] | None) -> Ran:
        """Remember what a whole run was built with."""
        if selection is None and not ran.errors:
            self._whole = self._marts = self._state()
        return ran

    @contextmanager
    def in_passing(self) -> Iterator[None]:
        """Run something that leaves all tables right, and forget that it ran."""
        whole = self._whole
        yield
        self._whole = whole

    @abstractmethod
    def run(
        self,
        selection: Collection[str] | None = None,
        failure: Failure | None = None,
        leave_idle: bool = False,
    ) -> Ran:
        """Build the selected models (all by default) in graph order, each in one transaction.

        A model that fails is rolled back, and what hangs on it is skipped. With `leave_idle`,
        models without anything new to read may be left alone, which saves time.
        """

    @abstractmethod
    def copy_marts(self, name: str) -> None:
        """Keep the marts as they are as a generation."""

    @abstractmethod
    def restore_marts(self, name: str | None) -> None:
        """Put the marts back to a generation, or to nothing."""

    @abstractmethod
    def drop_generation(self, name: str) -> None:
        """Forget a generation."""

    def forget_builds(self) -> None:
        """Drop all that was built, with its logs and marks; seeds and views stay."""
        for schema in {model.relation.rsplit(".", 1)[0] for model in self.recording.models}:
            if "warehouse" in schema:
                self.connection.execute(f"drop schema if exists {schema} cascade")
        for (table,) in self.rows(_BUILT):
            self.connection.execute(f"drop table warehouse.changes.{table}")
        self.restore_marts(None)

    def lower_thresholds(self, seed: str) -> None:
        """Lower what a small world would never reach, if the seed holds such a threshold."""
        if seed in _SMALL_WORLD:
            relation = f'"warehouse"."seeds"."{seed}"'
            self.connection.execute(_SMALL_WORLD[seed].format(relation=relation))

    def value(self, query: str) -> Any:
        """Return the first column of the query's first row."""
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the query's rows."""
        return self.connection.execute(query).fetchall()

    def exists(self, model: Model) -> bool:
        """Whether the model has a table."""
        try:
            self.connection.execute(f"select 1 from {model.relation} limit 0")
        except duckdb.CatalogException:
            return False
        return True

    def raw_head(self) -> int:
        """The clock of change."""
        return int(self.value(_RAW_HEAD))

    def heads(self) -> dict[str, int]:
        """The newest entry of every model's change log."""
        return dict(self.rows(_HEADS))

    def marks(self) -> dict[tuple[str, str], int]:
        """How far each model has read each input, by model and input."""
        return {(model, name): seq for model, name, seq in self.rows(_MARKS) if name != "@code"}

    def stale(self) -> list[str]:
        """Inputs that a model has not read to their end, as `model <- input`."""
        raw, books = self.raw_heads(), self.books()
        return [
            f"{model.name} <- {name}"
            for model in self.recording.models
            for name in books.unread(raw, model.name, model.reads)
        ]

    def raw_heads(self) -> RawHeads:
        """How far raw has come."""
        return RawHeads.read(self.rows, "warehouse")

    def books(self) -> Books:
        """Read marks and heads of all models at once."""
        return Books.read(self.rows, "warehouse", "marts")

    def is_idle(self, model: Model) -> bool:
        """Whether the model has nothing new to read."""
        return self.books().is_idle(self.raw_heads(), model.name, model.reads)

    def after_build(self, books: Books, model: Model) -> Books:
        """The books once this model has been built, which moved no others."""
        changes = f"{model.database}.changes"
        marks = self.rows(f"select input, seq from {changes}.marks where model = '{model.name}'")
        head = self.rows(f"select model, seq from {changes}.heads where model = '{model.name}'")
        return replace(
            books,
            marks=books.marks | {(model.name, name): seq for name, seq in marks},
            heads=books.heads | dict(head),
        )

    def note_audited(self) -> None:
        """Note in the marts how far every log has come, as a publish does."""
        self.connection.execute(transform.NOTE_AUDITED.format(warehouse="warehouse", marts="marts"))

    def prune_logs(self, kept: Sequence[str]) -> None:
        """Shorten the logs by what these generations and the marts have read, as a publish does."""
        change_logs.prune_logs(self.connection, kept)

    def digest(self, model: Model) -> tuple[Any, ...]:
        """Row count and an order-free hash over all rows and columns of a model."""
        return self.rows(DIGEST.format(relation=model.relation))[0]

    def differences(self, other: Databases) -> str:
        """The rows of any model that only one of two has; empty when they are equal."""
        return "\n".join(
            self._difference(model, other)
            for model in self.recording.models
            if self.digest(model) != other.digest(model)
        )

    def _difference(self, model: Model, other: Databases) -> str:
        query = f"from {model.relation} order by all"
        names = [row[0] for row in self.rows(f"describe {model.relation}")]
        mine, theirs = self.rows(query), other.rows(query)
        lines = [f"{model.name}: rows that only the refreshed one has (+), or only the other (-)"]
        for sign, left, right in (("+", mine, theirs), ("-", theirs, mine)):
            rest = list(right)
            for row in left:
                if row in rest:
                    rest.remove(row)
                else:
                    lines.append(f"  {sign} {dict(zip(names, row, strict=True))}")
        return "\n".join(lines)
