"""The same pair of databases in files, on which dbt itself runs the models."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration import transform
from orchestration.home import Home

from .databases import PLANNED, Code, Databases, Failure, Ran
from .recording import Recording


class DbtPair(Databases):
    """Warehouse and marts in a home whose project dbt has parsed."""

    def __init__(self, recording: Recording, home: Home) -> None:
        super().__init__()
        self.recording = recording
        self.home = home
        self.code = Code()
        self._open()
        for name in recording.seeds:
            self.lower_thresholds(name)

    def close(self) -> None:
        """Close both files."""
        self.connection.close()

    def run(
        self,
        selection: Collection[str] | None = None,
        failure: Failure | None = None,
        leave_idle: bool = False,
    ) -> Ran:
        """Let dbt build the selected models."""
        leave_idle = self._begin(selection, leave_idle)
        names = selection or {model.name for model in self.recording.models}
        arguments = ["build", "--resource-type", "model", "--select", *sorted(names)]
        arguments += ["--exclude", "config.materialized:view"]
        failing = failure.models if failure else frozenset()
        with self._broken_logs(failing):
            result = transform.invoke(self.home, arguments, leave_idle=leave_idle)
        errors = {node.name: node.message for node in result.failed}
        for name in failing & errors.keys():
            errors[name] = PLANNED
        skipped = tuple(node.name for node in result.nodes if node.status == "skipped")
        built = {node.name: "dbt" for node in result.nodes if node.succeeded and node.ran}
        return self._end(Ran(built, errors, skipped), selection)

    def copy_marts(self, name: str) -> None:
        """Keep the marts as they are as a generation."""
        with self._closed():
            shutil.copyfile(self.home.marts_next, self._generation(name))
        self._kept[name] = self._marts

    def restore_marts(self, name: str | None) -> None:
        """Put the marts back to a generation, or to nothing."""
        self._marts = self._kept[name] if name else None
        with self._closed():
            self.home.marts_next.unlink()
            if name is not None:
                shutil.copyfile(self._generation(name), self.home.marts_next)

    def drop_generation(self, name: str) -> None:
        """Forget a generation."""
        self._generation(name).unlink()

    def _generation(self, name: str) -> Path:
        return self.home.root / f"{name}.duckdb"

    def _open(self) -> None:
        self.connection = duckdb.connect(str(self.home.warehouse))
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute(f"attach '{self.home.marts_next}' as marts")

    @contextmanager
    def _closed(self) -> Iterator[None]:
        self.connection.close()
        try:
            yield
        finally:
            self._open()

    @contextmanager
    def _broken_logs(self, names: Collection[str]) -> Iterator[None]:
        """Give logs a column that their models don't fill, so that these fail at their end."""
        logs = [
            f"{model.database}.changes.{model.name}"
            for model in self.recording.models
            if model.name in names and self.exists(model)
        ]
        for log in logs:
            self.connection.execute(f"alter table {log} add column broken bigint")
        with self._closed():
            yield
        for log in logs:
            self.connection.execute(f"alter table {log} drop column if exists broken")
