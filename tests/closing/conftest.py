"""One home that lives through a close of July and what comes after it."""

from __future__ import annotations

import csv
import hashlib
import shutil
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration import closing, pipeline, publishing, transform
from orchestration.closing import Month, Who
from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.month_end import MONTH_END
from orchestration.home import AnxinError, Home
from orchestration.lock import writer_lock
from orchestration.publishing.generations import reading
from tests.closing import small_ledger
from tests.other_project import copied_project

JULY, AUGUST = Month(2021, 7), Month(2021, 8)
FORCED = Who("accounting", "the payout of k1 is being traced", is_forced=True)


LATE = (
    "select period, event_type, claim_id, count(*), count(corrects_posting_id), sum(amount)"
    " from finance.fct_ledger_postings where break_class = 'LATE_CORRECTION'"
    " group by all order by all"
)


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@dataclass
class Story:
    """What was seen on the way; a report is the hashes of its files.

    Attributes:
        reports: July's report at each step.
        made: What `reconcile` said of July at each step.
        folders: What lay in `exports` after it.
        refusals: What stood in the way of a command, by step.
        walk: What `reconcile` said of a closed month after the late data.
        rows: Sheets of the walk, as CSV rows.
        late: The late corrections by step.
    """

    home: Home
    reports: dict[str, dict[str, str]] = field(default_factory=dict)
    made: dict[str, closing.Reconciled] = field(default_factory=dict)
    folders: dict[str, set[str]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    decisions: list[Any] = field(default_factory=list)
    walk: closing.Reconciled | None = None
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    dagster: dict[str, Any] = field(default_factory=dict)
    late: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published file."""
        with reading(self.home.published) as connection:
            return connection.execute(sql).fetchall()

    def reconcile(self, month: Month = JULY) -> closing.Reconciled:
        with writer_lock(self.home, "reconcile"):
            return closing.reconcile(self.home, month)

    def explain(self, month: Month = JULY) -> None:
        """Write a closed month's report and keep the walk from it to today's view."""
        self.walk = self.reconcile(month)
        for path in (self.home.exports / f"restatement-{month}").glob("*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                self.rows[path.stem] = list(csv.DictReader(file))

    def walked(self) -> dict[str, Decimal]:
        """What the rows of the walk add up to, by account; accounts at 0 are left out."""
        sums: dict[str, Decimal] = {}
        for row in self.rows.get("restatement", []):
            amount = Decimal(row["difference_amount"])
            sums[row["account"]] = sums.get(row["account"], Decimal(0)) + amount
        return {account: amount for account, amount in sums.items() if amount}

    def differences(self, month: Month = JULY) -> dict[str, Decimal]:
        """What a closed month would be today less what was frozen of it, by account."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select account, sum(amount) from ("
                " select account, event_date, amount from intermediate.int_ledger_lines union all"
                " select account, event_date, -amount from raw.frozen_postings"
                ") where event_date between $1 and $2 group by account having sum(amount) <> 0",
                [month.first, month.last],
            ).fetchall()
        return dict(rows)

    def note(self, step: str) -> None:
        """Write July's report anew and keep its hashes."""
        folder = self.home.exports / f"reconcile-{JULY}"
        shutil.rmtree(folder, ignore_errors=True)
        self.made[step] = self.reconcile()
        self.reports[step] = hashes(folder)
        self.folders[step] = {path.name for path in self.home.exports.iterdir()}

    def close(self, who: Who, *, is_hard: bool = False, month: Month = JULY) -> list[Any]:
        with writer_lock(self.home, "close"), closing.books(self.home) as connection:
            return closing.close(self.home, connection, month, who, is_hard=is_hard)

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
    """Close July, then late data: each run costs 20 s."""
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
    (home.exports / f"restatement-{JULY}").mkdir()  # as one is left that no longer holds
    told.note("published")
    small_ledger.deliver_late(home)
    pipeline.run(home)
    told.note("late data")
    told.explain()
    told.month_end("after")
    return told


@pytest.fixture(scope="session")
def after_august(story: Story, tmp_path_factory: pytest.TempPathFactory) -> dict[Month, Story]:
    """In a copy of the home August closes, too, before more is corrected: each month's walk."""
    home = Home(Path(shutil.copytree(story.home.root, tmp_path_factory.mktemp("august") / "home")))
    told = {month: Story(home) for month in (JULY, AUGUST)}
    for is_hard in (False, True):
        told[AUGUST].decisions += told[AUGUST].close(FORCED, is_hard=is_hard, month=AUGUST)
    small_ledger.deliver_after_august(home)
    pipeline.run(home)
    for month in told:
        told[month].explain(month)
    return told


@pytest.fixture(scope="session")
def sequel(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A copy of the home is rolled back and rebuilt by other code, then July closes once more."""
    folder = tmp_path_factory.mktemp("sequel")
    home = Home(Path(shutil.copytree(story.home.root, folder / "home")))
    told = Story(home, reports=dict(story.reports))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "PROJECT", other_code(folder / "project"))
        told.refuse("other code", FORCED, month=AUGUST)
        _roll_back(told)
        small_ledger.deliver_later(home)
        shutil.rmtree(home.serving)
        pipeline.run(home, full_refresh=True)
        told.note("rebuilt by other code")
        told.explain()
        told.late["closed"] = told.query(LATE)
        _close_again(told)
    return told


def _roll_back(told: Story) -> None:
    home = told.home
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


def _close_again(told: Story) -> None:
    with writer_lock(told.home, "close"), closing.books(told.home) as connection:
        told.decisions.append(closing.reopen(connection, JULY, Who("auditor", "k6 was missing")))
    told.refuse("reopened", FORCED)
    pipeline.run(told.home)
    told.late["reopened"] = told.query(LATE)
    told.note("reopened")
    told.decisions += told.close(FORCED)
    told.decisions += told.close(FORCED, is_hard=True)
    told.note("closed again")


def other_code(project: Path) -> Path:
    """A copy of the dbt project in which the ledger books no fees."""
    model = copied_project(project) / "models" / "intermediate" / "int_ledger_lines.sql"
    code = model.read_text(encoding="utf-8")
    assert code.count("-coalesce(fee_amount, 0)") == 1
    model.write_text(code.replace("-coalesce(fee_amount, 0)", "0"), encoding="utf-8")
    return project
