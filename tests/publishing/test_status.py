"""The status of a run is never torn, and tells when a run has died."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from published_homes import build, run

from orchestration.home import AnxinError, Home
from orchestration.lock import writer_lock
from orchestration.publishing import WaitingRow, publish, rollback, stamp
from orchestration.status import StatusWriter, collect, read_status, reporting

Spawn = Callable[..., Any]


def test_a_run_tells_its_steps_and_its_end(home: Home) -> None:
    assert read_status(home) is None
    with writer_lock(home, "run", run_id="run-1", wait=0):
        writer = StatusWriter(home, "run-1")
        writer.step("ingest", "3 files", files=3)
        seen = read_status(home)
        assert seen == writer.status
        assert (seen.state, seen.step, seen.message) == ("running", "ingest", "3 files")
        assert seen.finished_at is None
        writer.step("transform", models=40)
        writer.finish("nothing_new", "nothing has changed")
    ended = read_status(home)
    assert ended is not None
    assert (ended.state, ended.step, ended.pid) == ("nothing_new", "transform", os.getpid())
    assert ended.counters == {"files": 3, "models": 40}
    assert ended.finished_at is not None
    assert ended.started_at <= ended.finished_at
    assert home.status_file.stat().st_mode & 0o777 == 0o644


def test_a_killed_run_is_interrupted(home: Home, spawn: Spawn) -> None:
    process = spawn("report", home.root)
    assert process.stdout.readline() == "reported\n"
    assert read_status(home).state == "running"  # type: ignore[union-attr]
    process.kill()
    process.wait(timeout=10)
    status = read_status(home)
    assert status is not None
    assert (status.state, status.step, status.counters) == ("interrupted", "ingest", {"files": 3})


def test_a_killed_run_is_interrupted_though_another_writer_is_at_work(
    home: Home, spawn: Spawn
) -> None:
    process = spawn("report", home.root)
    assert process.stdout.readline() == "reported\n"
    process.kill()
    process.wait(timeout=10)
    for run_id in ("run-2", None):
        with writer_lock(home, "rollback", run_id=run_id, wait=5):
            assert read_status(home).state == "interrupted"  # type: ignore[union-attr]


def test_a_run_that_fails_says_why_without_quoting_foreign_messages(home: Home) -> None:
    with pytest.raises(AnxinError), reporting(home, "run-1"):
        raise AnxinError("the audit failed")
    assert read_status(home).message == "the audit failed"  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="secret"), reporting(home, "run-2") as writer:
        writer.step("ingest")
        raise ValueError("secret")
    status = read_status(home)
    assert status is not None
    assert (status.state, status.step) == ("failed", "ingest")
    assert "secret" not in home.status_file.read_text()
    with reporting(home, "run-3"):
        pass
    assert read_status(home).state == "succeeded"  # type: ignore[union-attr]


def test_the_status_is_never_torn_while_it_is_written(
    home: Home, spawn: Spawn, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    process = spawn("rewrite", home.root, stop)
    assert process.stdout.readline() == "ready\n"
    counts: list[int] = []
    while len(set(counts)) < 200:
        found = json.loads(home.status_file.read_text())
        number = found["counters"].get("files", 0)
        assert len(found["message"]) == number % 7 * 3000
        counts.append(number)
        assert read_status(home).state == "running"  # type: ignore[union-attr]
    stop.touch()
    process.wait(timeout=10)
    assert counts == sorted(counts)


def test_a_run_that_just_ends_is_never_taken_for_interrupted(
    home: Home, spawn: Spawn, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    process = spawn("runs", home.root, stop)
    assert process.stdout.readline() == "ready\n"
    seen: set[tuple[str, str]] = set()
    while len(seen) < 300:
        status = read_status(home)
        assert status is not None
        assert status.state in ("running", "succeeded")
        seen.add((status.run_id, status.state))
    stop.touch()
    process.wait(timeout=10)
    assert {state for _, state in seen} == {"running", "succeeded"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run_id": "x"}'])
def test_a_status_that_can_not_be_read_is_none(home: Home, text: str) -> None:
    home.status_file.write_text(text)
    assert read_status(home) is None


def test_an_empty_home_has_a_report(tmp_path: Path) -> None:
    report = collect(Home(tmp_path / "nowhere"))
    assert (report.run, report.writer, report.published, report.problem) == (None,) * 4
    assert not (tmp_path / "nowhere").exists()


def test_the_report_needs_no_warehouse_and_can_be_written_as_json(home: Home) -> None:
    run(home, 1)
    run(home, 2)
    rollback(home)
    with (
        duckdb.connect(str(home.warehouse)),
        writer_lock(home, "run", run_id="run-3", wait=0),
    ):
        StatusWriter(home, "run-3").step("ingest")
        report = collect(home)
    assert report.published is not None
    assert report.published.generation_id == 1
    assert report.books is not None
    assert report.books.deliveries == {"accepted": 2, "held": 1, "loaded": 1, "rejected": 1}
    assert report.kept == [2, 1]
    found = json.loads(report.as_json())
    assert found["run"]["state"] == "running"
    assert found["writer"]["pid"] == os.getpid()
    assert found["paused"]["generation_id"] == 1
    assert found["published"]["built_at"].endswith("+00:00")
    home.warehouse.unlink()
    assert collect(home).books == report.books


def test_the_report_counts_what_waits(home: Home) -> None:
    build(home, 1)
    since = datetime(2026, 3, 2, tzinfo=UTC)
    waiting = [WaitingRow("claims", "orders", 3, since)]
    stamp(home, run_id="r", code_fingerprint="f", waiting=waiting)
    publish(home)
    (row,) = collect(home).waiting
    assert (row["entity"], row["waits_for"], row["row_count"]) == ("claims", "orders", 3)


def test_a_file_published_without_the_table_of_what_waits_has_a_report(home: Home) -> None:
    run(home, 1)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("drop table meta.waiting")
    report = collect(home)
    assert (report.waiting, report.problem) == ([], None)
    assert report.published is not None


def test_a_damaged_published_file_is_a_problem_in_the_report_not_a_failure(home: Home) -> None:
    home.published.write_bytes(b"not a database" * 1000)
    report = collect(home)
    assert report.published is None
    assert report.problem is not None
    assert "can't be read" in report.problem


def test_a_run_that_has_ended_says_nothing_more(home: Home) -> None:
    with writer_lock(home, "run", run_id="run-1", wait=0):
        writer = StatusWriter(home, "run-1")
        writer.step("build")
        writer.finish("failed", "interrupted")
        written = home.status_file.read_bytes()
        writer.step("build", "a model")
    assert home.status_file.read_bytes() == written
    ended = read_status(home)
    assert ended is not None
    assert ended.updated_at == ended.finished_at
