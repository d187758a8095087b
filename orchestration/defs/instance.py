"""Dagster's own storage below ANXIN_HOME, and what keeps it cheap."""

from __future__ import annotations

import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from orchestration.home import Home
from orchestration.publishing.files import write_atomically

WRITER_TAG = "anxin/writer"
"""Runs that Dagster starts carry it with the value `queued`; those of the command name the
process that they live in, as `<pid>@<host>`."""
QUEUED = "queued"

YAML = f"""\
# Written once; edit freely. Everything lives in this folder.
telemetry:
  enabled: false
nux:
  enabled: false

# Steps print nothing worth keeping: logs/anxin.jsonl has it all, by run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager

# One writer at a time: the others wait in the queue, where they can be seen.
concurrency:
  runs:
    tag_concurrency_limits:
      - key: {WRITER_TAG}
        value: {QUEUED}
        limit: 1

# A run whose process has died is marked as failed.
run_monitoring:
  enabled: true
  start_timeout_seconds: 300

retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {{skipped: 7, failure: 30, success: 30, started: 30}}

code_servers:
  local_startup_timeout: 300
"""


def prepare(home: Home) -> None:
    """Make DAGSTER_HOME with its configuration, unless it is there."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        write_atomically(config, YAML)


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Open the home's Dagster instance."""
    prepare(home)
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    try:
        with alone(home):
            opened = dg.DagsterInstance.get()
        with opened as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Let one process at a time make what all share: Dagster's tables, dbt's manifest."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    with (home.dagster / ".making").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def cheap_history() -> Iterator[None]:
    """Let this process write Dagster's SQLite files without a sync per event.

    Dagster opens and closes a connection per event; the last one to close folds the WAL back
    and deletes it, which costs more than the event. A connection that stays open prevents that,
    and `synchronous = normal` leaves the syncs to checkpoints: a power cut may lose the last
    events of the history, it can't damage it. An event then costs about a tenth.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    kept: dict[str, sqlite3.Connection] = {}

    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 (any driver's)
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        path = connection.execute("pragma database_list").fetchone()[2]
        mode = connection.execute("pragma journal_mode").fetchone()[0]
        if path and mode == "wal" and path not in kept:
            kept[path] = sqlite3.connect(path, check_same_thread=False)
            kept[path].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", on_connect)
    try:
        yield
    finally:
        event.remove(Engine, "connect", on_connect)
        for connection in kept.values():
            connection.close()


def command_tags() -> dict[str, str]:
    """Tags of a run that this process executes itself."""
    return {WRITER_TAG: f"{os.getpid()}@{socket.gethostname()}"}


def is_of_command(run: dg.DagsterRun) -> bool:
    """Whether a process of the command executes the run itself."""
    return run.tags.get(WRITER_TAG, QUEUED) != QUEUED


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of the command whose process on this host is gone as failed; return their ids."""
    going = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING], tags={}
    )
    dead = []
    for run in instance.get_runs(going):
        pid, _, host = run.tags.get(WRITER_TAG, QUEUED).partition("@")
        if host == socket.gethostname() and pid.isdecimal() and not _is_alive(int(pid)):
            instance.report_run_failed(run, "The process of this run is gone.")
            dead.append(run.run_id)
    return dead


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
