"""A warehouse that lacks a published close is refused: its months would be open again."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import closing, pipeline
from orchestration.closing import Month, Who
from orchestration.home import AnxinError, Home
from orchestration.lock import writer_lock
from orchestration.recovery import notice_restored_warehouse
from orchestration.status import collect

pytestmark = pytest.mark.whole

JULY = Month(2021, 7)
WHO = Who("accounting", "a small platform", is_forced=True)


def close(home: Home) -> None:
    """Close July for good."""
    with writer_lock(home, "close"), closing.books(home) as connection:
        for is_hard in (False, True):
            closing.close(home, connection, JULY, WHO, is_hard=is_hard)


def reopen(home: Home) -> None:
    """Open July again."""
    with writer_lock(home, "reopen"), closing.books(home) as connection:
        closing.reopen(connection, JULY, WHO)


def refused(home: Home) -> str:
    """Why a run is refused; readers and the status go on."""
    before = home.published.read_bytes()
    with pytest.raises(AnxinError) as error:
        pipeline.run(home)
    assert home.published.read_bytes() == before
    report = collect(home)
    assert report.run
    assert (report.run.state, report.run.message) == ("failed", str(error.value))
    assert report.published
    return str(error.value)


@pytest.fixture
def backup(home: Home, tmp_path: Path) -> Path:
    """A copy of the warehouse from before July was closed; the close is published since."""
    copy = Path(shutil.copy(home.warehouse, tmp_path / "backup.duckdb"))
    close(home)
    assert pipeline.run(home).outcome == "published"
    return copy


def test_a_warehouse_from_before_a_published_close_is_refused_until_that_is_given_up(
    home: Home, backup: Path
) -> None:
    newer = home.warehouse.read_bytes()
    shutil.copy(backup, home.warehouse)
    said = refused(home)
    assert f"{home.warehouse} is an older one: it lacks the hard close of 2021-07" in said
    assert f"move {home.published} and {home.generations} away" in said

    home.warehouse.unlink()
    assert f"{home.warehouse} is gone: it lacks the hard close of 2021-07" in refused(home)
    assert not home.warehouse.exists()

    home.warehouse.write_bytes(newer)
    assert pipeline.run(home).outcome == "nothing_new"

    shutil.copy(backup, home.warehouse)
    home.published.unlink()
    shutil.rmtree(home.generations)
    assert pipeline.run(home).outcome == "published"


def test_a_close_that_was_opened_again_is_no_loss(home: Home, backup: Path) -> None:
    reopen(home)
    notice_restored_warehouse(home)  # what is published does not know yet, the warehouse does
    assert pipeline.run(home).outcome == "published"
    notice_restored_warehouse(home)
    shutil.copy(backup, home.warehouse)
    notice_restored_warehouse(home)


def test_marts_and_a_warehouse_from_before_closes_were_kept_are_none(home: Home) -> None:
    home.published.chmod(0o644)
    for database, table in (
        (home.published, "finance.period_closes"),
        (home.warehouse, "raw.period_closes"),
    ):
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"drop table {table}")
    notice_restored_warehouse(home)
