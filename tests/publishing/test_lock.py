"""One writer at a time, and everybody can learn who it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.home import AnxinError, Home
from orchestration.lock import Holder, LockTimeoutError, holder, writer_lock

Spawn = Callable[..., Any]


def test_the_holder_is_named_while_it_holds_and_gone_afterwards(home: Home) -> None:
    assert holder(home) is None
    with writer_lock(home, "run", run_id="run-1", wait=0) as me:
        assert me.pid == os.getpid()
        assert abs((datetime.now(UTC) - me.since).total_seconds()) < 60  # type: ignore[operator]
        assert holder(home) == holder(home) == me
    assert holder(home) is None


def test_the_lock_is_freed_when_its_block_fails(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), writer_lock(home, "run", wait=0):
        _ = 1 / 0
    with writer_lock(home, "run", wait=0):
        pass


def test_a_second_process_waits_and_is_told_who_holds(home: Home, spawn: Spawn) -> None:
    first = spawn("hold", home.root)
    assert first.stdout.readline() == "held\n"
    second = spawn("take", home.root, 30)
    told = second.stdout.readline()
    assert told.startswith(f"waits for 'run' (process {first.pid}, run run-held, since ")
    time.sleep(0.5)
    assert second.poll() is None
    first.communicate("go\n", timeout=10)
    output, _ = second.communicate(timeout=10)
    assert output == "taken\n", "told once, then taken"


def test_a_process_that_waits_too_long_gives_up_and_names_the_holder(
    home: Home, spawn: Spawn
) -> None:
    with writer_lock(home, "backfill", run_id="run-7", wait=0):
        output, _ = spawn("take", home.root, 0.5).communicate(timeout=20)
        lines = output.splitlines()
        assert "waits for 'backfill'" in lines[0]
        assert f"gave up: Another writer is at work: 'backfill' (process {os.getpid()}" in lines[1]


def test_another_lock_of_the_same_process_is_refused_at_once(home: Home) -> None:
    started = time.monotonic()
    with (
        writer_lock(home, "run", wait=0),
        pytest.raises(LockTimeoutError) as caught,
        writer_lock(home, "run", wait=0),
    ):
        pass
    assert caught.value.holder.pid == os.getpid()
    assert isinstance(caught.value, AnxinError)
    assert time.monotonic() - started < 2


def test_a_killed_holder_frees_the_lock_and_its_stale_text_names_nobody(
    home: Home, spawn: Spawn
) -> None:
    first = spawn("hold", home.root)
    assert first.stdout.readline() == "held\n"
    assert holder(home).pid == first.pid  # type: ignore[union-attr]
    first.kill()
    first.wait(timeout=10)
    assert str(first.pid) in home.lock_file.read_text(), "the text is stale"
    assert holder(home) is None
    with writer_lock(home, "run", wait=0) as me:
        assert holder(home) == me


def test_asking_who_holds_never_stops_a_writer_from_taking_the_lock(
    home: Home, spawn: Spawn, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    probes = [spawn("probe", home.root, stop) for _ in range(2)]
    for probe in probes:
        assert probe.stdout.readline() == "ready\n"
    for _ in range(300):
        with writer_lock(home, "run", wait=0):
            time.sleep(0.001)
    stop.touch()
    assert [probe.wait(timeout=10) for probe in probes] == [0, 0]


def test_two_writers_are_never_inside_at_once_and_only_they_are_named(
    home: Home, spawn: Spawn, tmp_path: Path
) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    writers = [spawn("contend", home.root, 25, counter) for _ in range(2)]
    named: set[int | None] = set()
    while any(writer.poll() is None for writer in writers):
        found = holder(home)
        named.add(found.pid if found else None)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert counter.read_text() == "50", "two writers were inside at once"
    assert named - {None} <= {writer.pid for writer in writers}
    assert named - {None}


def test_a_deleted_lock_file_is_made_anew(home: Home) -> None:
    with writer_lock(home, "run", wait=0):
        pass
    home.lock_file.unlink()
    with writer_lock(home, "run", wait=0) as me:
        assert holder(home) == me


def test_a_text_that_can_not_be_read_still_means_that_somebody_holds(home: Home) -> None:
    with writer_lock(home, "run", wait=0):
        home.lock_file.write_text("{")
        found = holder(home)
        assert found == Holder(None, "unknown", None, None)
        assert str(found) == "'unknown' (unknown process)"
