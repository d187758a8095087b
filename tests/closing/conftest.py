"""One home that lives through a close of July and what comes after it."""

from __future__ import annotations

import csv
import hashlib
import shutil
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration import closing, pipeline, publishing
from orchestration.closing import Month, Who
from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.month_end import MONTH_END
from orchestration.home import AnxinError, Home
from orchestration.lock import writer_lock
from orchestration.publishing.generations import reading
from tests.closing import small_ledger

JULY, AUGUST = Month(2021, 7), Month(2021, 8)
FORCED = Who("accounting", "the payout of k1 is being traced", is_forced=True)


@dataclass
class Story:
    """What was seen on the way; a report is the hashes of its files.

    Attributes:
        reports: July's report at each step.
        refusals: What stood in the way of a command, by step.
        walk: What `reconcile` said of July after the late data.
        rows: Sheets of the walk, as CSV rows.
    """

    home: Home
    reports: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    decisions: list[Any] = field(default_factory=list)
    walk: closing.Reconciled | None = None
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    dagster: dict[str, Any] = field(default_factory=dict)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published file."""
        with reading(self.home.published) as connection:
            return connection.execute(sql).fetchall()

    def reconcile(self, month: Month = JULY) -> closing.Reconciled:
        with writer_lock(self.home, "reconcile"):
            return closing.reconcile(self.home, month)

    def note(self, step: str) -> None:
        """Write July's report anew and keep its hashes."""
        folder = self.home.exports / f"reconcile-{JULY}"
        shutil.rmtree(folder, ignore_errors=True)
        self.reconcile()
        self.reports[step] = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
        }

    def close(self, who: Who, *, is_hard: bool = False, month: Month = JULY) -> list[Any]:
        with writer_lock(self.home, "close"), closing.books(self.home) as connection:
            return closing.close(connection, month, who, is_hard=is_hard)

    def refuse(self, step: str, who: Who, *, is_hard: bool = False, month: Month = JULY) -> None:
        with pytest.raises(AnxinError) as refused:
            self.close(who, is_hard=is_hard, month=month)
        self.refusals[step] = str(refused.value)

    def month_end(self, step: str) -> None:
        """Run the job of July in Dagster."""
        with open_instance(self.home) as instance:
            result = (
                build_definitions(self.home)
                .resolve_job_def(MONTH_END)
                .execute_in_process(
                    instance=instance, partition_key="2021-07-01", raise_on_error=False
                )
            )
            records = result.get_asset_check_evaluations()
            self.dagster[step] = (
                result.success,
                [(found.passed, found.metadata["objections"].value) for found in records],
                [key.path[-1] for key in _materialized(result)],
            )


def _materialized(result: dg.ExecuteInProcessResult) -> list[dg.AssetKey]:
    return [
        event.asset_key
        for event in result.get_asset_materialization_events()
        if event.asset_key is not None
    ]


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Close July, then late data, a rollback and a rebuild from raw: each run costs 20 s."""
    home = Home(tmp_path_factory.mktemp("months") / "home").create()
    told = Story(home)
    small_ledger.deliver(home)
    pipeline.run(home)
    told.month_end("before")
    told.note("open")
    told.refuse("not soft closed", FORCED, is_hard=True)
    told.refuse("no reason", Who("accounting", None, is_forced=True))
    told.refuse("soft", Who("accounting"))
    told.decisions += told.close(FORCED)
    told.refuse("hard", Who("accounting"), is_hard=True)
    told.decisions += told.close(FORCED, is_hard=True)
    told.refuse("closed already", FORCED, is_hard=True)
    told.note("closed")
    pipeline.run(home)
    told.note("published")
    _come_late(told)
    return told


def _come_late(told: Story) -> None:
    home = told.home
    small_ledger.deliver_late(home)
    pipeline.run(home)
    told.note("late data")
    told.walk = told.reconcile()
    folder = home.exports / f"restatement-{JULY}"
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            told.rows[path.stem] = list(csv.DictReader(file))
    told.month_end("after")
    with duckdb.connect(str(home.warehouse)) as connection:
        close = closing.newest_close(connection)
        assert close is not None
    with writer_lock(home, "rollback"):
        with pytest.raises(AnxinError) as refused:
            publishing.rollback(home, 1, closed=close.change_seq)
        told.refusals["rollback"] = str(refused.value)
        publishing.rollback(home, 2, closed=close.change_seq)
    told.note("rolled back")
    publishing.resume(home)
    shutil.rmtree(home.serving)
    pipeline.run(home, full_refresh=True)
    told.note("rebuilt from raw")
