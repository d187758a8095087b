"""Readers never fail and never see two runs at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published_homes import run

from orchestration.home import Home
from orchestration.publishing import resume, rollback

READS = 3000


def test_a_reader_sees_whole_generations_only_while_thirty_are_published(
    home: Home, tmp_path: Path, spawn: Callable[..., Any]
) -> None:
    run(home, 0)
    stop = tmp_path / "stop"
    reader = spawn("read", home.root, stop)
    assert reader.stdout.readline() == "ready\n"
    for number in range(1, 31):
        run(home, number)
        if number % 10 == 0:
            rollback(home)
            resume(home)
        time.sleep(0.06)
    stop.touch()
    seen = what_was_seen(reader)
    assert len(seen) > 30
    assert len(set(seen)) > 15, "the reader met too few generations to prove anything"


@pytest.mark.soak
def test_three_thousand_reads_while_runs_publish_and_roll_back(
    home: Home, tmp_path: Path, spawn: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    number = 0
    run(home, number)
    reader = spawn("read", home.root, tmp_path / "never", READS, 0)
    assert reader.stdout.readline() == "ready\n"
    while reader.poll() is None:
        number += 1
        run(home, number)
        if number % 10 == 0:
            rollback(home)
            resume(home)
    seen = what_was_seen(reader)
    with capsys.disabled():
        print(f"\n{len(seen)} reads met {len(set(seen))} of {number + 1} generations", end="")
    assert len(seen) == READS
    assert len(set(seen)) > number / 4, "the reader met too few generations to prove anything"


def what_was_seen(reader: Any) -> list[int]:
    """Wait for a reader's end, without an error, and return the numbers that it has seen."""
    output, _ = reader.communicate(timeout=30)
    assert reader.returncode == 0
    return [int(number) for number in output.split()]
