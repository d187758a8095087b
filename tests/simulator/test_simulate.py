"""A whole simulation: its folder, and the same bytes wherever it is made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from simulator.delivery import Faults
from simulator.money.breaks import CLASSES
from simulator.parameters import Parameters
from simulator.simulate import MARKER, simulate

TINY = Parameters(lines=1_000, seed=4, from_date=date(2021, 7, 1), days=2)
WEEK = Parameters(lines=1_000, seed=4, from_date=date(2019, 3, 1), to_date=date(2019, 3, 7), days=9)


def command(out: Path, *options: str, lines: int = 1_000) -> list[str]:
    anxin = str(Path(sys.executable).with_name("anxin"))
    return [anxin, "simulate", "--lines", str(lines), "--out", str(out), *options]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def one_processor() -> None:
    """Make the number of threads differ from that of the other process, where that is possible."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tiny") / "platform"
    simulate(TINY, out)
    return out


def test_another_process_with_one_thread_makes_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    options = ("--seed", "4", "--from", "2021-07-01", "--days", "2")
    subprocess.run(
        command(tmp_path / "again", *options),
        check=True,
        preexec_fn=one_processor,
        stdout=subprocess.DEVNULL,
    )
    again, made = contents(tmp_path / "again"), contents(tiny)
    assert again.keys() == made.keys()
    assert [name for name in made if made[name] != again[name]] == []


def test_without_a_key_the_files_are_the_same(tiny: Path, tmp_path: Path) -> None:
    simulate(TINY, tmp_path, with_answers=False)
    assert contents(tmp_path / "landing") == contents(tiny / "landing")
    assert contents(tmp_path / "answers") == {}


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="no simulation made"):
        simulate(TINY, tmp_path)
    with pytest.raises(FileExistsError, match="is no folder"):
        simulate(TINY, tmp_path / "mine.txt")
    assert contents(tmp_path) == {"mine.txt": b"keep me"}


def test_a_warehouse_that_was_built_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text("{}")
    (tmp_path / "warehouse.duckdb").write_text("full of work")
    with pytest.raises(FileExistsError, match="holds a warehouse"):
        simulate(TINY, tmp_path)


def test_a_second_call_meanwhile_is_refused_and_a_killed_one_is_replaced(
    tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "platform"
    with subprocess.Popen(command(out, lines=5_000), stdout=subprocess.DEVNULL) as first:
        _wait_for(out / "landing")
        with pytest.raises(FileExistsError, match="another `anxin simulate` is writing"):
            simulate(TINY, out)
        first.send_signal(signal.SIGKILL)
    assert first.returncode == -signal.SIGKILL
    assert not (out / "answers").exists()
    simulate(TINY, out)
    assert contents(out) == contents(tiny)


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.05)


def _planted(out: Path, answer: str, column: str) -> Sequence[str]:
    query = f"select distinct {column} from '{out}/answers/{answer}.parquet' order by all"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def test_each_kind_of_break_has_a_switch_and_another_seed_makes_other_data(
    tiny: Path, tmp_path: Path
) -> None:
    assert _planted(tiny, "refund_breaks", "break_class") == sorted(CLASSES)
    few = Faults.none().with_rates(["fee_diff=0.1", "split=0.1"])
    simulate(replace(TINY, seed=5), tmp_path, faults=few)
    orders = "landing/native/orders/dt=2021-07-31/orders.parquet"
    assert (tmp_path / orders).read_bytes() != (tiny / orders).read_bytes()
    assert _planted(tmp_path, "refund_breaks", "break_class") == ["FEE_DIFF"]
    assert _planted(tmp_path, "planted_faults", "kind") == ["split"]


def test_a_clean_week_long_ago_has_files_and_answers_and_no_faults(tmp_path: Path) -> None:
    made = simulate(WEEK, tmp_path, faults=Faults.none(), keep_truth=True)
    assert made.faults == 0
    assert (tmp_path / "history.duckdb").exists()
    assert not (tmp_path / "earlier").exists()
    days = {path.parent.name for path in (tmp_path / "landing").rglob("orders.*")}
    assert days == {f"dt=2019-03-0{day}" for day in range(1, 8)}
