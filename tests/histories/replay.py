"""A pair of databases, warehouse and marts, on which recorded models run as dbt runs them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Any

import duckdb

from .databases import DIGEST, PLANNED, Code, Databases, Failure, Ran
from .recording import SOURCES, Model, Recording, bare, prepare_raw

ADDED = "added_"
"""What the name of a column begins with that a history adds to the contract."""

_LAST_SELECT = re.compile(r"select \* from final(?!.*select \* from final)", re.DOTALL)
_SLICES = re.compile(r"(?=insert into \S+ by name\s)")
"""Where the statements of a full build in slices begin that follow the first."""
_CHANGED_CODE = "(select * from final where hash({by}, 'changed') % 3 <> {remainder})"
"""Not the hash that slices go by, or a change would take whole slices away, or nothing."""


class Pair(Databases):
    """Warehouse and marts in memory, on which the recorded statements run."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
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
        for name in recording.seeds:
            self._load_seed(name)
        for statement in recording.views:
            self.connection.execute(statement)

    def reset(self) -> None:
        """Forget all data, builds and changes of code; seeds and views stay."""
        self.code = Code()
        self._load_changed_seeds()
        for (table,) in self.rows(_RAW_TABLES):
            self.connection.execute(f"delete from raw.{table}")
        for table, column in self.rows(_ADDED_COLUMNS):
            self.connection.execute(f"alter table raw.{table} drop column {column}")
        self.connection.execute("insert into raw.warehouse select uuid()::varchar")
        for source, settings in SOURCES.items():
            self.connection.execute("insert into raw.sources values (?, ?, ?)", [source, *settings])
        self.forget_builds()

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()

    def run(
        self,
        selection: Collection[str] | None = None,
        failure: Failure | None = None,
        leave_idle: bool = False,
    ) -> Ran:
        """Replay the statements of each selected model, in the mode that its decision says.

        Only a run of all models loads seeds that have changed.
        """
        self._start()
        if selection is None:
            self._load_changed_seeds()
        leave_idle = self._begin(selection, leave_idle)
        raw, books = self.raw_heads(), self.books()
        built: dict[str, str] = {}
        errors: dict[str, str] = {}
        skipped: list[str] = []
        for model in self.recording.models:
            if selection is not None and model.name not in selection:
                continue
            if set(model.inputs) & {*errors, *skipped}:
                skipped.append(model.name)
                continue
            is_idle = books.is_idle(raw, model.name, model.reads) and self.exists(model)
            if leave_idle and is_idle:
                continue
            after = failure.after if failure and model.name in failure.models else None
            mode = self.mode(model)
            if error := self._build(model, mode, after):
                errors[model.name] = f"{mode}: {error}"
            else:
                built[model.name] = mode
                books = self.after_build(books, model)
        return self._end(Ran(built, errors, tuple(skipped)), selection)

    def mode(self, model: Model) -> str:
        """How the model's next build goes."""
        if not self.exists(model):
            return "first"
        is_full = self.value(self._text(model, model.decision))
        return "rebuild" if is_full else "refresh"

    def copy_marts(self, name: str) -> None:
        """Keep the marts as they are as a generation."""
        self.connection.execute(f"attach ':memory:' as {name}")
        self.connection.execute(f"copy from database marts to {name}")
        self._kept[name] = self._marts

    def digest_of(self, generation: str, model: Model) -> tuple[Any, ...]:
        """The digest of a model of the marts in a kept generation."""
        relation = model.relation.replace(f'"{model.database}"', generation, 1)
        return self.rows(DIGEST.format(relation=relation))[0]

    def restore_marts(self, name: str | None) -> None:
        """Put the marts back to a generation, or to nothing."""
        self._marts = self._kept[name] if name else None
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
        self._whole = None
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

    def _load_changed_seeds(self) -> None:
        loaded = dict(self.rows("select name, code from warehouse.changes.loaded"))
        for name in self.recording.seeds:
            version = self.code.seeds.get(name, 0)
            if loaded[name] != str(version):
                self.connection.execute(f'drop table "warehouse"."seeds"."{name}"')
                self._load_seed(name, version)

    def _load_seed(self, name: str, version: int = 0) -> None:
        """Put a seed's rows in place: all of them for version 0, else two thirds."""
        for statement in self.recording.seeds[name]:
            self.connection.execute(statement)
        self.lower_thresholds(name)
        if version:
            self.connection.execute(
                f'delete from "warehouse"."seeds"."{name}" as rows'
                f" where hash(rows) % 3 = {version % 3}"
            )
        self.connection.execute(
            f"update warehouse.changes.loaded set code = '{version}' where name = '{name}'"
        )

    def _start(self) -> None:
        for statement in self.recording.start:
            self.connection.execute(statement)
        self._zones = dict(self.rows("select source, time_zone from raw.sources"))
        self._settings = self.rows(_SETTINGS)

    def _state(self) -> object:
        """All besides the data that decides what a run yields."""
        return self.code, tuple(self._settings)

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
            parts = _SLICES.split(statement)
            statement = "".join(_LAST_SELECT.sub(f"select * from {changed}", one) for one in parts)
        for source, (zone, _) in SOURCES.items():
            if zone != self._zones[source]:
                statement = statement.replace(
                    f"timezone('{zone}',", f"timezone('{self._zones[source]}',"
                )
        return statement.replace(model.fingerprint, _fingerprint(self.code, model))


_RAW_TABLES = "select table_name from information_schema.tables where table_schema = 'raw'"
_ADDED_COLUMNS = (
    "select table_name, column_name from information_schema.columns"
    f" where table_schema = 'raw' and starts_with(column_name, '{ADDED}')"
)
_SETTINGS = (
    "select source, time_zone, currency_code from raw.sources"
    " union all select max(warehouse_id), max(key_id), null"
    " from raw.warehouse, raw.customer_pseudonyms order by all"
)


def _fingerprint(code: Code, model: Model) -> str:
    """The hash of a model's code, as changed as it and its seeds are."""
    state = [code.models.get(model.name, 0), *(code.seeds.get(seed, 0) for seed in model.seeds)]
    if not any(state):
        return model.fingerprint
    return hashlib.md5(f"{model.fingerprint}{state}".encode(), usedforsecurity=False).hexdigest()
