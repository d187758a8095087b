"""Homes in which a run has been, and what their Dagster instance tells."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.instance import open_instance
from orchestration.defs.launch import execute
from orchestration.home import Home
from orchestration.records import RunRecord

from .small_landing import DAYS, deliver_day

Events = list[dg.DagsterEvent]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANXIN_CUSTOMER_KEY", "ANXIN_ALERT_WEBHOOK", "ANXIN_RETENTION_DAYS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunRecord]:
    """A home after its first run, which published; not to be written to."""
    home = Home(tmp_path_factory.mktemp("first") / "home").create()
    deliver_day(home, DAYS[0])
    return home, execute(home)


@pytest.fixture
def home(first: tuple[Home, RunRecord], tmp_path: Path) -> Home:
    """A home of one's own after its first run."""
    root = tmp_path / "home"
    shutil.copytree(first[0].root, root)
    return Home(root)


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
