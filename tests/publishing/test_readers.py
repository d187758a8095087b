"""Readers never fail and never see two runs at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from published_homes import run

from orchestration.home import Home
from orchestration.publishing import resume, rollback


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
    output, _ = reader.communicate(timeout=30)
    assert reader.returncode == 0
    seen = [int(number) for number in output.split()]
    assert len(seen) > 30
    assert len(set(seen)) > 15, "the reader met too few generations to prove anything"
