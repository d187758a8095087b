"""Several processes: one writer at a time, killed runs, and the served interface."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.defs.launch import execute
from orchestration.defs.ui import serve
from orchestration.home import Home, UsageError
from orchestration.lock import writer_lock
from orchestration.log import log_file
from orchestration.publishing import read_generation
from orchestration.status import RunStatus, read_status

from .conftest import First, start

pytestmark = pytest.mark.whole

Spawn = Callable[..., "subprocess.Popen[str]"]
Runs = Callable[[Home], list[dg.DagsterRun]]


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start an actor of `actors.py` in a process of its own; ended after the test."""
    started: list[subprocess.Popen[str]] = []

    def started_actor(actor: str, *arguments: object) -> subprocess.Popen[str]:
        started.append(start(actor, *arguments))
        return started[-1]

    yield started_actor
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=90)


def test_two_runs_at_once_both_end_well_one_after_the_other(first: First, runs: Runs) -> None:
    assert first.codes == [0, 0], first.outputs
    assert sorted(out.split()[-1] for out, _ in first.outputs) == ["nothing_new", "published"]
    assert any("waits for run" in out for out, _ in first.outputs)
    assert [run.status for run in runs(first.home)] == [dg.DagsterRunStatus.SUCCESS] * 2
    published = read_generation(first.home.published)
    assert published is not None
    assert published.generation_id == 1


def test_dagster_is_silent_where_the_command_speaks(first: First) -> None:
    assert [err for _, err in first.outputs] == ["", ""]
    assert "dagster" not in "".join(out for out, _ in first.outputs).lower()


@pytest.mark.soak
@pytest.mark.parametrize(("actor", "told"), [("run", 1), ("unattended", 0)])
def test_a_run_whose_process_was_killed_is_marked_as_failed_by_the_next_one(
    home: Home, spawn: Spawn, runs: Runs, posts: list[dict[str, str]], actor: str, told: int
) -> None:
    with writer_lock(home, "test"):
        process = spawn(actor, home.root)
        assert process.stdout is not None
        assert "waits for test" in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert runs(home)[0].status == dg.DagsterRunStatus.STARTED
    execute(home)
    assert runs(home)[0].status == dg.DagsterRunStatus.FAILURE
    assert len(posts) == told, "the sensor tells about runs that are not the command's"


@pytest.mark.soak
def test_an_interrupted_run_ends_as_an_interruption_and_frees_the_lock(
    home: Home, spawn: Spawn, runs: Runs
) -> None:
    with writer_lock(home, "test"):
        process = spawn("run", home.root)
        assert process.stdout is not None
        assert "waits for test" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors.splitlines()[-1]
    assert runs(home)[0].status == dg.DagsterRunStatus.FAILURE


def test_a_run_that_is_interrupted_while_it_builds_leaves_nothing_at_work(
    home: Home, spawn: Spawn
) -> None:
    before = read_status(home)
    process = spawn("rebuild", home.root)
    _wait_for(lambda: (now := read_status(home)) != before and bool(now and _builds(now)))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (
        130,
        "anxin: interrupted; the next run goes on from here\n",
    )
    ended = read_status(home)
    assert ended is not None
    assert (ended.state, ended.message) == ("failed", "interrupted")
    assert ended.updated_at == ended.finished_at
    assert not home.marts_next.exists()
    assert "not written" not in log_file(home).read_text()
    assert execute(home, full_refresh=True, wait=0).outcome == "published"


def test_the_interface_shows_runs_of_the_command_and_leaves_nothing_behind(
    home: Home, spawn: Spawn
) -> None:
    port = _free_port()
    process = spawn("serve", home.root, port)
    assert process.stdout is not None
    assert f"http://127.0.0.1:{port}" in process.stdout.readline(), process.stderr
    found = _ask(port, "{ runsOrError { ... on Runs { results { jobName status } } } }")
    run = {"jobName": "daily_refresh", "status": "SUCCESS"}
    assert found["runsOrError"]["results"] == [run, run]
    found = _ask(port, "{ assetNodes { assetKey { path } } }")
    assert {"assetKey": {"path": ["published_marts"]}} in found["assetNodes"]
    pages = process.stdout.readline().split()[-1]
    assert pages == f"http://127.0.0.1:{port + 1}"
    assert "Audits of the last run" in _page(f"{pages}/audits/")
    assert '"agg_gmv_daily"' in _page(f"{pages}/models/")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=90) == 0
    assert not _processes_about(home)


def test_a_port_that_is_taken_is_refused(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="is taken"):
            serve(home, taken.getsockname()[1])


def _builds(run: RunStatus) -> bool:
    """Whether dbt is in the middle of its work."""
    return run.step == "build" and run.message.startswith(("int_", "fct_"))


def _wait_for(holds: Callable[[], bool], patience: float = 300) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _page(address: str) -> str:
    """Fetch a page; that of the models comes some seconds after the start."""
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - the test's own server
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ask(port: int, query: str) -> dict[str, Any]:
    """Ask the interface's own API, until its code has been loaded."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (this machine)
        data: dict[str, Any] = json.load(answer)["data"]
    return data


def _processes_about(home: Home, patience: float = 10) -> list[str]:
    """Command lines that name the home; processes that are ending get a moment."""
    deadline = time.monotonic() + patience
    while True:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(home.root) in line:
                found.append(line[:200])
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)
