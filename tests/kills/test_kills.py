"""Wherever a run is killed, the next one ends as if nothing had happened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pytest

from orchestration.home import PROJECT, Home
from tests.small_landing import DAYS, deliver_day, put

KILLS = int(os.environ.get("ANXIN_KILLS", "100"))
SEED = int(os.environ.get("ANXIN_HISTORY_SEED", "1"))

Rows = dict[str, list[tuple[object, ...]]]


class Nursery:
    """The process that forks runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.nursery"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def run(self, home: Home, kind: str = "full", number: int = 0) -> str:
        """Run in a home; return how it ended."""
        assert self._process.stdin
        self._process.stdin.write(f"{home.root} {kind} {number}\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """One for all tests."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Home:
    """A home with a published day, in whose landing a second one with corrections waits."""
    home = Home(tmp_path_factory.mktemp("start") / "home").create()
    deliver_day(home, DAYS[0])
    assert nursery.run(home) == "lived 0"
    deliver_day(home, DAYS[1])
    deliver_day(home, DAYS[0], orders=2)
    put(home, "orders", DAYS[1], [{"order_id": "broken"}], name="broken.csv")
    return home


@pytest.fixture(scope="module")
def undisturbed(start: Home, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same home after a run that nobody disturbed."""
    home = copied(start, tmp_path_factory.mktemp("undisturbed") / "home")
    assert nursery.run(home) == "lived 0"
    return home


def copied(home: Home, root: Path) -> Home:
    shutil.copytree(home.root, root)
    return Home(root)


def state(home: Home) -> Rows:
    """All that a run makes, but for ids, times and logs."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{home.published}' as marts (read_only)")
        tables = connection.execute(
            "select concat_ws('.', table_catalog, table_schema, table_name)"
            " from information_schema.tables where table_type = 'BASE TABLE' and table_schema in"
            " ('intermediate', 'core', 'sales', 'livestream') order by all"
        ).fetchall()
        found = {name: _rows(connection, f"from {name}") for (name,) in tables}
        found["deliveries"] = _rows(
            connection,
            "select path, status, rows_read, rows_accepted, rows_quarantined, sha256"
            " from warehouse.raw.deliveries",
        )
        found["quarantine"] = _rows(
            connection, "select path, row_number, reason from warehouse.raw.quarantine"
        )
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return sorted(connection.execute(query).fetchall(), key=repr)


def files(home: Home) -> set[str]:
    """Names of what stands in a home, but for logs and pages, whose names carry run ids."""
    apart = {home.logs, home.docs, home.dbt_target.parent, home.dagster}
    return {
        path.relative_to(home.root).as_posix()
        for path in home.root.rglob("*")
        if path.is_file() and not apart & set(path.parents)
    }


def check_next_run(home: Home, nursery: Nursery, undisturbed: Home) -> None:
    """Run again, and compare with the home that nobody disturbed."""
    assert nursery.run(home) == "lived 0"
    assert state(home) == state(undisturbed)
    assert files(home) == files(undisturbed)


def points() -> list[tuple[str, int]]:
    """Every kind of death in turn, at points drawn from the seed."""
    random = Random(SEED)  # noqa: S311 (where to kill is no secret)
    ends = {"step": 110, "file": 160, "time": 9000}
    kinds = list(ends)
    return [
        (kind, random.randint(1, ends[kind]))
        for number in range(KILLS)
        for kind in [kinds[number % len(kinds)]]
    ]


@pytest.mark.soak
def test_after_a_kill_anywhere_the_next_run_ends_as_if_nothing_had_happened(
    start: Home, undisturbed: Home, nursery: Nursery, tmp_path: Path
) -> None:
    killed = 0
    for number, (kind, point) in enumerate(points()):
        home = copied(start, tmp_path / str(number))
        ended = nursery.run(home, kind, point)
        killed += ended == "killed"
        print(f"{kind} {point}: {ended}", flush=True)
        check_next_run(home, nursery, undisturbed)
        shutil.rmtree(home.root)
    assert killed >= KILLS / 2, f"only {killed} of {KILLS} runs were killed"


def test_a_kill_while_the_models_build_leaves_nothing_behind(
    start: Home, undisturbed: Home, nursery: Nursery, tmp_path: Path
) -> None:
    home = copied(start, tmp_path / "home")
    assert nursery.run(home, "step", 40) == "killed"
    assert home.marts_next.exists()
    check_next_run(home, nursery, undisturbed)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a tmpfs")
def test_after_a_full_disk_the_next_run_with_room_ends_as_if_nothing_had_happened(
    start: Home, undisturbed: Home, nursery: Nursery, tmp_path: Path
) -> None:
    size = sum(path.stat().st_size for path in start.root.rglob("*") if path.is_file())
    disk = tmp_path / "disk"
    disk.mkdir()
    for room in (0.5, 3, 12, 16, 20):
        megabytes = round(size / 1e6 + room)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "anxin", str(disk)], check=False
        )
        if mounted.returncode:
            pytest.skip("a tmpfs can't be mounted here")
        try:
            home = copied(start, disk / "home")
            ended = nursery.run(home)
            print(f"{room} MB of room: {ended}", flush=True)
            subprocess.run(["mount", "-o", "remount,size=2g", str(disk)], check=True)
            check_next_run(home, nursery, undisturbed)
        finally:
            subprocess.run(["umount", str(disk)], check=True)
