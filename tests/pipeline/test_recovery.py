"""What a kill or a power cut does to the warehouse's log, the next writer puts right or names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import cli
from orchestration.home import PROJECT, Home
from orchestration.publishing import PublishError
from orchestration.recovery import TornLogError, recover, renew_if_restored

TWO_COMMITS = """
import duckdb, os, signal, sys
connection = duckdb.connect(sys.argv[1])
for number in (1, 2):
    connection.execute(f"insert into facts select {number} from range(500)")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a warehouse whose writer was killed after two commits."""
    home = Home(tmp_path).create()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table facts (number bigint)")
    ended = subprocess.run([sys.executable, "-c", TWO_COMMITS, str(home.warehouse)], check=False)
    assert ended.returncode == -signal.SIGKILL
    return home.warehouse.with_name("warehouse.duckdb.wal")


DYING_COPY = """
import os, signal, shutil, sys
from pathlib import Path
from orchestration.home import PROJECT, Home
from orchestration.ingestion.landing import deliver
def die(reader, writer, length):
    writer.write(b"half")
    writer.flush()
    os.kill(os.getpid(), signal.SIGKILL)
shutil.copyfileobj = die
deliver(Home(Path(sys.argv[1])), Path(sys.argv[2]), "native", "orders", "2021-08-01")
"""


def test_what_killed_processes_left_is_gone_and_what_living_ones_copy_stays(
    tmp_path: Path,
) -> None:
    home, file = Home(tmp_path / "home").create(), tmp_path / "a.csv"
    file.write_text("order_id")
    copying = [sys.executable, "-c", DYING_COPY, str(home.root), str(file)]
    with subprocess.Popen(copying, cwd=PROJECT) as process:
        killed = process.pid
    assert process.returncode == -signal.SIGKILL
    feed = home.landing / "native" / "orders"
    assert [path.read_text() for path in feed.glob(".*.part")] == ["half"]
    for spill in ("warehouse.duckdb.tmp", "marts-next.duckdb.tmp", "evidence/.work"):
        (home.root / spill).mkdir()
        (home.root / spill / "block").write_text("rows")
    (home.evidence / ".incoming-1-2").write_text("rows")
    (home.root / ".marts-next.duckdb.compacted").write_text("rows")
    living = feed / f".incoming-{os.getpid()}.part"
    living.write_text("half")
    home.dbt_target.mkdir()
    for pid in (killed, os.getpid()):
        (home.dbt_target / f"writing-{pid}-x").mkdir()
        (home.dbt_target / f"writing-{pid}-x" / "manifest.json").write_text("half")
    recover(home)
    left = {path for path in home.root.rglob("*") if path.is_file()}
    assert left == {living, home.dbt_target / f"writing-{os.getpid()}-x" / "manifest.json"}
    assert not list(home.root.glob("*.tmp"))


def commits(log: Path) -> list[int]:
    """The commits that a recovery keeps, in one file without a log."""
    home = Home(log.parent)
    recover(home)
    assert not list(home.root.glob("*.wal*"))
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute("select distinct number from facts order by all").fetchall()
    return [number for (number,) in rows]


def test_a_whole_log_is_replayed(log: Path) -> None:
    assert commits(log) == [1, 2]


@pytest.mark.parametrize("lost", [1, 20, 3000])
def test_a_log_that_ends_too_early_loses_its_unfinished_commit(log: Path, lost: int) -> None:
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - lost)
    assert commits(log) == [1]


@pytest.mark.parametrize("lost", [1, 20, 3000])
def test_a_log_whose_end_was_never_written_loses_its_unfinished_commit(
    log: Path, lost: int
) -> None:
    size = log.stat().st_size
    with log.open("r+b") as file:
        file.truncate(size - lost)
        file.truncate(size + 4096)
    assert commits(log) == [1]


def test_a_rollback_does_not_need_a_run_after_a_power_cut(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = log.stat().st_size
    with log.open("r+b") as file:
        file.truncate(size - 20)
        file.truncate(size + 4096)
    monkeypatch.setenv("ANXIN_HOME", str(log.parent))
    with pytest.raises(PublishError, match="Nothing is published"):
        cli.rollback()


def test_zeros_behind_a_whole_log_lose_nothing(log: Path) -> None:
    with log.open("ab") as file:
        file.write(bytes(4096))
    assert commits(log) == [1, 2]


def test_damage_in_the_middle_is_named_and_nothing_is_cut(log: Path) -> None:
    content = bytearray(log.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 4] = b"\xff\xff\xff\xff"
    log.write_bytes(content)
    with pytest.raises(TornLogError, match=r"warehouse\.duckdb\.wal is damaged at byte"):
        recover(Home(log.parent))
    assert log.read_bytes() == content


def test_what_is_no_database_stays_as_it_is(log: Path) -> None:
    database = log.with_name("warehouse.duckdb")
    database.write_text("no database")
    with pytest.raises(duckdb.IOException):
        recover(Home(log.parent))
    assert log.exists()


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse at change 95 and entry 34, and marts that were published from it."""
    connection = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
    connection.execute("attach ':memory:' as published")
    for statement in (
        "create schema raw; create schema changes; create schema published.changes",
        "create table raw.warehouse as select 'first' as warehouse_id",
        "create table raw.change_events as select 95::bigint as change_seq,"
        " null::bigint as delivery_id, 'accepted' as event, null::varchar as reason,"
        " now()::timestamp as happened_at",
        "create table changes.heads as select 'int_orders_current' as model, 34 as seq",
        "create table published.changes.audited as select 'int_orders_current' as model, 34 as seq",
    ):
        connection.execute(statement)
    return connection


def renewed(connection: duckdb.DuckDBPyConnection, newest: int) -> tuple[bool, bool, int]:
    """Whether it was found to be restored, whether its identity is new, and its clock."""
    found = renew_if_restored(connection, newest, "published")
    row = connection.execute(
        "select warehouse_id <> 'first', (select max(change_seq) from raw.change_events)"
        " from raw.warehouse"
    ).fetchone()
    assert row
    return (found, *row)


def test_a_warehouse_that_holds_what_was_published_stays_what_it_is(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert renewed(warehouse, 95) == (False, False, 95)


def test_a_warehouse_that_lacks_a_change_goes_on_after_the_newest_generation(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert renewed(warehouse, 150) == (True, True, 151)
    assert renewed(warehouse, 150) == (False, True, 151)


def test_a_warehouse_whose_models_were_built_after_its_backup_is_an_older_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update published.changes.audited set seq = 35")
    assert renewed(warehouse, 95) == (True, True, 96)
