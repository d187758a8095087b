"""Dagster's own storage below ANXIN_HOME, and what keeps it cheap."""

from __future__ import annotations

import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.defs import alerts
from orchestration.home import AnxinError, Home
from orchestration.publishing.files import write_atomically

WRITER_TAG = "anxin/writer"
"""Who starts a run that writes: Dagster's queue, one after the other, or the command."""
QUEUED, COMMAND = "queued", "command"
PROCESS_TAG = "anxin/process"
"""The process that a run lives in, as `<pid>.<start>@<host>`, or `<pid>@<host>` without /proc."""

_START_FIELD = 22 - 3
"""Of the fields that follow the name in /proc/<pid>/stat, the first of which is the third."""

GONE = "the process of this run is gone"

DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
CONFIG = "dagster.yaml"
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

# A run that does not start, or stop, in time is marked as failed.
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
    config = home.dagster / CONFIG
    if not config.exists():
        write_atomically(config, YAML)


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Open the home's Dagster instance.

    Raises:
        AnxinError: Its files are damaged, or edited to what Dagster does not understand.
    """
    prepare(home)
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    try:
        with alone(home):
            opened = _opened(home)
        with opened as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def _opened(home: Home) -> dg.DagsterInstance:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        for name in DATABASES:
            if (path := home.dagster / name).exists():
                with closing(sqlite3.connect(path)) as connection:
                    connection.execute("select count(*) from sqlite_master").fetchone()
        return dg.DagsterInstance.get()
    except OSError:
        raise
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise AnxinError(
            f"Dagster's history in {home.dagster} can't be opened: {getattr(error, 'orig', error)};"
            " move the folder away and run again"
        ) from error
    except Exception as error:
        said = " ".join(str(error).split())
        raise AnxinError(
            f"Dagster does not understand {home.dagster / CONFIG}: mend it, or remove it and run"
            f" again, which writes it anew: {said}"
        ) from error


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


def this_process() -> dict[str, str]:
    """The tag of a run that lives in this process."""
    pid = os.getpid()
    start = _start(pid)
    process = f"{pid}.{start}" if start else str(pid)
    return {PROCESS_TAG: f"{process}@{socket.gethostname()}"}


def tag_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Tag a run with this process, so that its end is noticed even if that is killed."""
    instance.add_run_tags(run_id, this_process())


def command_tags() -> dict[str, str]:
    """Tags of a run that the command executes itself."""
    return {WRITER_TAG: COMMAND, **this_process()}


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs whose process on this host is gone as failed; return their ids.

    A run that was killed would otherwise seem to go on for ever, and keep others in the queue.
    """
    going = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    dead = [run for run in instance.get_runs(going) if _is_dead(run.tags.get(PROCESS_TAG, ""))]
    for run in dead:
        instance.report_run_failed(run, GONE)
        if run.tags.get(WRITER_TAG) == COMMAND:  # of the others the sensor tells
            alerts.notify_failure(run.run_id, run.job_name, GONE)
    return [run.run_id for run in dead]


def _is_dead(process: str) -> bool:
    """Whether a process is known to be gone; of other hosts nothing is known.

    A process that began at another time has only been given the same id.
    """
    known, _, host = process.partition("@")
    pid, _, start = known.partition(".")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    now = _start(int(pid))
    return bool(start and now) and start != now


def _start(pid: int) -> str | None:
    """When a process began, in clock ticks since the boot; None where /proc does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[_START_FIELD]  # a name in brackets may hold spaces
