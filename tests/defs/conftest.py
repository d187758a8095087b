"""Homes in which a run has been, and what their Dagster instance tells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.jobs import DAILY_REFRESH
from orchestration.defs.session import RunSession
from orchestration.home import PROJECT, Home
from tests.once import Once
from tests.small_landing import DAYS, deliver_day

Events = list[dg.DagsterEvent]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANXIN_CUSTOMER_KEY", "ANXIN_ALERT_WEBHOOK", "ANXIN_RETENTION_DAYS"):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class First:
    """A home that two processes ran at the same time, and what each of them printed."""

    home: Home
    outputs: list[tuple[str, str]]
    codes: list[int]

    @property
    def published(self) -> dg.DagsterRun:
        """The run that published."""
        with open_instance(self.home) as instance:
            (run,) = instance.get_runs(dg.RunsFilter(tags={"anxin/outcome": "published"}))
        return run


@pytest.fixture(scope="session")
def first(once: Once) -> First:
    """A home after its first two runs, begun at the same time; not to be written to."""
    return once("first", _first)


def _first(folder: Path) -> First:
    home = Home(folder / "home").create()
    deliver_day(home, DAYS[0])
    processes = [start("run", home.root) for _ in range(2)]
    outputs = [process.communicate(timeout=900) for process in processes]
    return First(home, outputs, [process.returncode for process in processes])


@pytest.fixture
def home(first: First, tmp_path: Path) -> Home:
    """A home of one's own in which the first day is published."""
    root = tmp_path / "home"
    shutil.copytree(first.home.root, root)
    return Home(root)


def run_job(home: Home) -> None:
    """Run the daily refresh as Dagster's own processes do."""
    job = build_definitions(home, lambda: RunSession(home)).resolve_job_def(DAILY_REFRESH)
    with open_instance(home) as instance:
        job.execute_in_process(instance=instance)


def start(actor: str, *arguments: object) -> subprocess.Popen[str]:
    """Start an actor of `actors.py` in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ANXIN_")}
    return subprocess.Popen(
        [sys.executable, Path(__file__).with_name("actors.py"), actor, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": str(PROJECT)},
    )


@pytest.fixture
def runs() -> Callable[[Home], list[dg.DagsterRun]]:
    """Return the runs of a home, newest first."""

    def listed(home: Home) -> list[dg.DagsterRun]:
        with open_instance(home) as instance:
            return list(instance.get_runs())

    return listed


@pytest.fixture
def events() -> Callable[..., Events]:
    """Return the Dagster events of a run, all or of one type."""

    def listed(home: Home, run_id: str, kind: str | None = None) -> Events:
        with open_instance(home) as instance:
            logs = instance.all_logs(run_id)
        found = [entry.dagster_event for entry in logs if entry.dagster_event]
        return [event for event in found if kind is None or event.event_type_value == kind]

    return listed


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What is posted to the webhook, received by a server of this machine."""
    received: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the body."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Be silent."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("ANXIN_ALERT_WEBHOOK", f"http://127.0.0.1:{server.server_port}/alerts")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()
