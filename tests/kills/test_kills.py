"""Wherever a run is killed, the next one ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from orchestration.home import PROJECT, Home
from tests.small_landing import DAYS, deliver_day, put

KILLS = int(os.environ.get("ANXIN_KILLS", "100"))
PART = 10
"""Kills of one test, so that cores share them."""
SEED = int(os.environ.get("ANXIN_HISTORY_SEED", "1"))

Rows = dict[str, list[tuple[object, ...]]]


class Nursery:
    """The process that forks runs; what they leave in its temporary folder shows."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.nursery"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        assert self.answer() == "ready"

    def start(self, home: Home, kind: str = "full", number: int = 0) -> None:
        """Start a run in a home."""
        assert self._process.stdin
        self._process.stdin.write(f"{home.root} {kind} {number}\n")
        self._process.stdin.flush()

    def run(self, home: Home, kind: str = "full", number: int = 0) -> str:
        """Run in a home; return how it ended."""
        self.start(home, kind, number)
        return self.answer()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def answer(self) -> str:
        """Wait for the end of the run that was started; return how it ended."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@dataclass(frozen=True)
class Stage:
    """The place where all runs happen, always at one path, which keeps dbt's parse valid.

    Attributes:
        home: Where the next run happens.
        start: A copy of a home with a published day, in whose landing a second one waits.
        undisturbed: Rows after a run that nobody disturbed.
        files: Names of the files and folders after that run.
        counted: What there is to die at.
    """

    home: Home
    start: Path
    undisturbed: Rows
    files: set[str]
    counted: dict[str, Any]

    def reset(self, home: Home | None = None) -> Home:
        """Put the start in place and return the home."""
        home = home or self.home
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(self.start, home.root)
        return home


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """One for all tests."""
    nursery = Nursery(tmp_path_factory.mktemp("temporary"))
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Stage:
    """A published day; corrections, a second day and a broken file wait in the landing."""
    folder = tmp_path_factory.mktemp("stage")
    home = Home(folder / "home").create()
    deliver_day(home, DAYS[0])
    assert nursery.run(home) == "lived 0"
    deliver_day(home, DAYS[1])
    deliver_day(home, DAYS[0], orders=2)
    put(home, "orders", DAYS[1], [{"order_id": "broken"}], name="broken.csv")
    shutil.copytree(home.root, folder / "start")
    assert nursery.run(home, "count") == "lived 0"
    counted = json.loads((folder / "home.json").read_text())
    return Stage(home, folder / "start", state(home), files(home), counted)


def state(home: Home) -> Rows:
    """All that a run makes, but for ids, times and logs."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{home.published}' as marts (read_only)")
        tables = connection.execute(
            "select concat_ws('.', table_catalog, table_schema, table_name)"
            " from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema not in ('raw', 'meta', 'changes') order by all"
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
    assert any("agg_gmv_daily" in name for name in found)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return sorted(connection.execute(query).fetchall(), key=repr)


def files(home: Home) -> set[str]:
    """Names of what stands in a home, but for logs and pages, whose names carry run ids."""
    apart = {home.logs, home.docs, home.dbt_target.parent, home.dagster}
    return {
        path.relative_to(home.root).as_posix()
        for path in home.root.rglob("*")
        if path not in apart and not apart & set(path.parents)
    }


def check_next_run(home: Home, nursery: Nursery, stage: Stage) -> None:
    """Run again, and compare with the home that nobody disturbed."""
    assert nursery.run(home) == "lived 0"
    check_state(home, nursery, stage)


def check_state(home: Home, nursery: Nursery, stage: Stage) -> None:
    """Compare with the home that nobody disturbed; nothing is left in any temporary folder."""
    assert state(home) == stage.undisturbed
    assert files(home) == stage.files
    assert not (left := list(nursery.temporary.iterdir())), left


def points(stage: Stage) -> Iterator[tuple[str, int]]:
    """Where to die, without end: at every step, and between them at changes to files or any time.

    A step is each stage of a run and each table that it builds: the stages come first, and each in
    random order.
    """
    counted = stage.counted
    tables = {f"build {name.split('.')[-1]}" for name in stage.undisturbed}
    stages: dict[str, int] = {}
    builds: dict[str, int] = {}
    for number, label in enumerate(counted["steps"], start=1):
        if label in tables:
            builds.setdefault(label, number)
        elif not label.startswith("build "):
            stages.setdefault(label, number)
    random = Random(SEED)  # noqa: S311 (where to kill is no secret)
    while True:
        steps = [random.sample(list(of.values()), len(of)) for of in (stages, builds)]
        for step in chain.from_iterable(steps):
            yield "step", step
            yield "file", random.randint(1, counted["files"])
            if random.random() < 1 / 2:
                yield "time", random.randint(1, counted["milliseconds"])


@pytest.mark.soak
@pytest.mark.parametrize("part", range(-(-KILLS // PART)))
def test_after_a_kill_anywhere_the_next_run_ends_as_if_nothing_had_happened(
    part: int, stage: Stage, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that ends before its point is no kill: another point is drawn."""
    killed = 0
    for kind, point in islice(points(stage), part, None, -(-KILLS // PART)):
        home = stage.reset()
        ended = nursery.run(home, kind, point)
        killed += ended == "killed"
        label = stage.counted["steps"][point - 1] if kind == "step" else ""
        with capsys.disabled():
            print(f"\n{killed} of {PART} {kind} {point} {label}: {ended}", end="", flush=True)
        check_next_run(home, nursery, stage)
        if killed == PART:
            break


@pytest.mark.soak
def test_a_kill_while_the_models_build_leaves_nothing_behind(
    stage: Stage, nursery: Nursery
) -> None:
    """With a log beside the clone that belongs to another file, as a lost rename leaves it."""
    home = stage.reset()
    assert nursery.run(home, "step", len(stage.counted["steps"]) // 3) == "killed"
    assert home.marts_next.exists()
    leave_uncommitted(home, "create table raw.lost as select 1 as one")
    log = home.warehouse.with_name("warehouse.duckdb.wal")
    shutil.copyfile(log, home.marts_next.with_name("marts-next.duckdb.wal"))
    with log.open("r+b") as file:  # a power cut: the end of the last commit reads as zeros
        size = log.stat().st_size
        file.truncate(size - 40)
        file.truncate(size)
    check_next_run(home, nursery, stage)


def leave_uncommitted(home: Home, statement: str) -> None:
    """Execute a statement in a process that is killed before it checkpoints."""
    code = (
        "import duckdb, os, signal, sys; connection = duckdb.connect(sys.argv[1]);"
        " connection.execute(sys.argv[2]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(home.warehouse), statement], check=False
    )
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.soak
def test_of_two_runs_at_once_one_does_the_work(
    stage: Stage, nursery: Nursery, tmp_path: Path
) -> None:
    home = stage.reset()
    other = Nursery(nursery.temporary)
    other.start(home)
    assert nursery.run(home) == "lived 0"
    assert other.answer() == "lived 0"
    other.close()
    check_state(home, nursery, stage)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a tmpfs")
def test_after_a_full_disk_the_next_run_with_room_ends_as_if_nothing_had_happened(
    stage: Stage, nursery: Nursery, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = sum(path.stat().st_size for path in stage.start.rglob("*") if path.is_file())
    disk = tmp_path / "disk"
    disk.mkdir()
    failed = 0
    for room in (0.5, 3, 8, 12, 16):
        megabytes = round(size / 1e6 + room)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "anxin", str(disk)], check=False
        )
        if mounted.returncode:
            pytest.skip("a tmpfs can't be mounted here")
        try:
            home = stage.reset(Home(disk / "home"))
            ended = nursery.run(home)
            failed += ended == "lived 1"
            with capsys.disabled():
                print(f"{room} MB of room: {ended}", flush=True)
            subprocess.run(["mount", "-o", "remount,size=2g", str(disk)], check=True)
            check_next_run(home, nursery, stage)
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    assert failed, "there was room every time"
