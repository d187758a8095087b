"""A pair of databases, warehouse and marts, on which recorded models run as dbt runs them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from .recording import SOURCES, Model, Recording, bare, prepare_raw

_LAST_SELECT = re.compile(r"select \* from final(?!.*select \* from final)", re.DOTALL)
PLANNED = "planned failure"
_CHANGED_CODE = "(select * from final where hash({by}) % 3 <> {remainder})"


@dataclass(frozen=True)
class Code:
    """What stands in the repository: how often each model and each seed has been changed."""

    models: Mapping[str, int] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)

    def fingerprint(self, model: Model) -> str:
        """The hash of a model's code, as changed as it and its seeds are."""
        state = [self.models.get(model.name, 0), *(self.seeds.get(s, 0) for s in model.seeds)]
        if not any(state):
            return model.fingerprint
        return hashlib.md5(
            f"{model.fingerprint}{state}".encode(), usedforsecurity=False
        ).hexdigest()


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


class Pair:
    """Warehouse and marts in memory, with the recorded models.

    Attributes:
        connection: The warehouse is its current database.
        code: The code that the next run builds with.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.code = Code()
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        for statement in (
            "attach ':memory:' as warehouse",
            "attach ':memory:' as marts",
            "use warehouse",
            "set TimeZone = 'UTC'",
        ):
            self.connection.execute(statement)
        prepare_raw(self.connection)
        self._start()
        for statements in (*recording.seeds.values(), recording.views):
            for statement in statements:
                self.connection.execute(statement)

    def reset(self) -> None:
        """Forget all data, builds and changes of code; seeds and views stay."""
        for name, version in self.code.seeds.items():
            if version:
                self.load_seed(name, 0)
        self.code = Code()
        schemas = {model.relation.rsplit(".", 1)[0] for model in self.recording.models}
        for schema in {schema for schema in schemas if "warehouse" in schema}:
            self.connection.execute(f"drop schema if exists {schema} cascade")
        self.connection.execute("drop schema if exists warehouse.changes cascade")
        for (table,) in self.rows(_RAW_TABLES):
            self.connection.execute(f"delete from raw.{table}")
        self.connection.execute("insert into raw.warehouse select uuid()::varchar")
        for source, settings in SOURCES.items():
            self.connection.execute("insert into raw.sources values (?, ?, ?)", [source, *settings])
        self.restore_marts(None)

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()

    def run(
        self,
        selection: Collection[str] | None = None,
        failure: Failure | None = None,
        leave_idle: bool = False,
    ) -> Ran:
        """Build the selected models (all by default) in graph order, each in one transaction.

        A model that fails is rolled back, and what hangs on it is skipped. With `leave_idle`,
        models without anything new to read are left alone, which saves time.
        """
        self._start()
        built: dict[str, str] = {}
        errors: dict[str, str] = {}
        skipped: list[str] = []
        for model in self.recording.models:
            if selection is not None and model.name not in selection:
                continue
            if set(model.inputs) & {*errors, *skipped}:
                skipped.append(model.name)
                continue
            after = failure.after if failure and model.name in failure.models else None
            mode = self.mode(model)
            if leave_idle and mode == "refresh" and self._is_idle(model):
                continue
            built[model.name] = mode
            if error := self._build(model, mode, after):
                del built[model.name]
                errors[model.name] = f"{mode}: {error}"
        return Ran(built, errors, tuple(skipped))

    def mode(self, model: Model) -> str:
        """How the model's next build goes."""
        if not self.exists(model):
            return "first"
        is_full = self.value(self._text(model, model.decision))
        return "rebuild" if is_full else "refresh"

    def value(self, query: str) -> Any:
        """Return the first column of the query's first row."""
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the query's rows."""
        return self.connection.execute(query).fetchall()

    def stale(self) -> list[str]:
        """Inputs that a model has not read to their end, as `model <- input`."""
        raw_head = self.raw_head()
        heads = dict(self.rows(_HEADS))
        marks = {(model, name): seq for model, name, seq in self.rows(_MARKS)}
        return [
            f"{model.name} <- {name}: mark {marks.get((model.name, name))}, head {head}"
            for model in self.recording.models
            for name in model.inputs
            for head in [raw_head if name.startswith("stg_") else heads.get(name)]
            if head is None or marks.get((model.name, name)) != head
        ]

    def raw_head(self) -> int:
        """The clock of change."""
        return int(self.value(_RAW_HEAD))

    def heads(self) -> dict[str, int]:
        """The newest entry of every model's change log."""
        return dict(self.rows(_HEADS))

    def digest(self, model: Model) -> tuple[Any, ...]:
        """Row count and an order-free hash over all rows and columns of a model."""
        relation = model.relation
        return self.rows(
            f"select count(*), sum(hash(rows)), bit_xor(hash(rows)) from {relation} as rows"
        )[0]

    def copy_marts(self, name: str) -> None:
        """Keep the marts as they are as a generation."""
        self.connection.execute(f"attach ':memory:' as {name}")
        self.connection.execute(f"copy from database marts to {name}")

    def restore_marts(self, name: str | None) -> None:
        """Put the marts back to a generation, or to nothing."""
        self.connection.execute("detach marts")
        self.connection.execute("attach ':memory:' as marts")
        if name is not None:
            self.connection.execute(f"copy from database {name} to marts")
        self._start()

    def drop_generation(self, name: str) -> None:
        """Forget a generation."""
        self.connection.execute(f"detach {name}")

    def back_up_warehouse(self) -> None:
        """Copy the warehouse aside, in the place of an earlier copy."""
        self.drop_backup()
        self.connection.execute("attach ':memory:' as backup")
        self.connection.execute("copy from database warehouse to backup")

    def restore_warehouse(self) -> None:
        """Put the copy in the warehouse's place."""
        self.connection.execute("use backup")
        self.connection.execute("detach warehouse")
        self.connection.execute("attach ':memory:' as warehouse")
        self.connection.execute("copy from database backup to warehouse")
        self.connection.execute("use warehouse")

    def drop_backup(self) -> None:
        """Forget the copy of the warehouse, if there is one."""
        self.connection.execute("detach database if exists backup")

    def forget_model(self, model: Model) -> None:
        """Drop a model that the project no longer has, with its log, as the pipeline does."""
        changes = f"{model.database}.changes"
        self.connection.execute(f"drop table if exists {model.relation}")
        self.connection.execute(f"drop table if exists {changes}.{model.name}")
        for book in ("marks", "heads"):
            self.connection.execute(f"delete from {changes}.{book} where model = '{model.name}'")

    def load_seed(self, name: str, version: int) -> None:
        """Put a seed's rows in place: all of them for version 0, else two thirds."""
        relation = f'"warehouse"."seeds"."{name}"'
        self.connection.execute(f"drop table {relation}")
        for statement in self.recording.seeds[name]:
            self.connection.execute(statement)
        if version:
            self.connection.execute(
                f"delete from {relation} as rows where hash(rows) % 3 = {version % 3}"
            )

    def _start(self) -> None:
        for statement in self.recording.start:
            self.connection.execute(statement)
        self._zones = dict(self.rows("select source, time_zone from raw.sources"))

    def exists(self, model: Model) -> bool:
        """Whether the model has a table."""
        try:
            self.connection.execute(f"select 1 from {model.relation} limit 0")
        except duckdb.CatalogException:
            return False
        return True

    def _is_idle(self, model: Model) -> bool:
        """Whether the model has read all its inputs, and all requests, to their end."""
        heads = self.heads()
        heads["@requests"] = self.value(
            "select coalesce(max(change_seq), 0) from raw.recompute_requests"
        )
        marks = dict(self.rows(f"select input, seq from ({_MARKS}) where model = '{model.name}'"))
        raw_head = self.raw_head()
        return all(
            seq == (raw_head if name.startswith("stg_") else heads.get(name))
            for name, seq in marks.items()
            if name != "@code"
        )

    def _build(self, model: Model, mode: str, after: int | None) -> str | None:
        """Replay one mode; return the error when it failed, by itself or after `after`."""
        is_open = False
        try:
            for position, statement in enumerate(model.statements[mode]):
                if is_open and after is not None and position >= after:
                    raise duckdb.Error(PLANNED)
                self.connection.execute(self._text(model, statement))
                is_open = {"begin": True, "commit": False}.get(bare(statement).lower(), is_open)
        except duckdb.Error as error:
            if is_open:
                self.connection.execute("rollback")
            return str(error)
        return None

    def _text(self, model: Model, statement: str) -> str:
        """The statement with the zones of the sources and the code as they are now."""
        version = self.code.models.get(model.name, 0)
        if version:
            changed = _CHANGED_CODE.format(by=model.by, remainder=version % 3)
            statement = _LAST_SELECT.sub(f"select * from {changed}", statement)
        for source, (zone, _) in SOURCES.items():
            if zone != self._zones[source]:
                statement = statement.replace(
                    f"timezone('{zone}',", f"timezone('{self._zones[source]}',"
                )
        return statement.replace(model.fingerprint, self.code.fingerprint(model))


_RAW_TABLES = "select table_name from information_schema.tables where table_schema = 'raw'"
_RAW_HEAD = "select coalesce(max(change_seq), 0) from raw.change_events"
_HEADS = "select model, seq from changes.heads union all select model, seq from marts.changes.heads"
_MARKS = (
    "select model, input, seq from changes.marks"
    " union all select model, input, seq from marts.changes.marks"
)
