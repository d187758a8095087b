"""What the current or last run does, for those who must not open the warehouse."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb

from orchestration import feeds
from orchestration.feeds import Books
from orchestration.home import AnxinError, Home, UsageError
from orchestration.lock import Holder, holder
from orchestration.publishing.files import write_atomically
from orchestration.publishing.generations import (
    Generation,
    generation_of,
    linked_ids,
    reading,
)
from orchestration.publishing.pausing import Pause, read_pause

START = "start"
"""Step of a run that has not begun."""

State = Literal["running", "succeeded", "failed", "nothing_new", "interrupted"]


@dataclass(frozen=True)
class RunStatus:
    """One run; times are UTC, `finished_at` is None until it ends."""

    run_id: str
    pid: int
    state: State
    step: str
    message: str
    counters: dict[str, int]
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True)
class StatusReport:
    """What `anxin status` shows; `problem` says why the published file can't be read.

    `books` tell how the deliveries stood when the last run ended, or else when the published file
    was built. `audits` counts that file's verdicts: `passed`, `critical_failed`,
    `warning_failed`. `waiting` counts the rows that no mart shows because what they belong to has
    not come. `kept` are the generations to roll back to.
    """

    run: RunStatus | None
    writer: Holder | None
    published: Generation | None
    published_bytes: int | None
    books: Books | None = None
    audits: dict[str, int] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    paused: Pause | None = None
    problem: str | None = None

    def as_json(self) -> str:
        """Write the report as one JSON object, times in ISO 8601."""
        return _as_json(self)


class StatusWriter:
    """Keeps `status.json` of one run; used by the process that holds the writer lock.

    Its threads may report at the same time.
    """

    def __init__(
        self, home: Home, run_id: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Announce the run as running."""
        self._before = home.status_file.read_bytes() if home.status_file.exists() else None
        self._home, self._clock, self._one_at_a_time = home, clock, threading.Lock()
        now = clock()
        self.status = RunStatus(run_id, os.getpid(), "running", START, "", {}, now, now)
        self._write()

    @property
    def has_begun(self) -> bool:
        """Whether the run has come to a first step."""
        return self.status.step != START

    def withdraw(self) -> None:
        """Let the run before be the last one again."""
        if self._before is None:
            self._home.status_file.unlink(missing_ok=True)
        else:
            write_atomically(self._home.status_file, self._before.decode())

    def step(self, name: str, message: str = "", **counters: int) -> None:
        """Say what the run does now; counters are set, those of earlier steps stay.

        A run that has ended does nothing more: another one may be writing by now.
        """
        with self._one_at_a_time:
            if self.status.finished_at is None:
                self._change({"step": name, "message": message}, counters, self._clock())

    def finish(self, state: State, message: str = "", **counters: int) -> None:
        """Say how the run ended; the last step stays to be seen."""
        with self._one_at_a_time:
            now = self._clock()
            self._change({"state": state, "message": message, "finished_at": now}, counters, now)

    def _change(self, changes: dict[str, Any], counters: dict[str, int], now: datetime) -> None:
        counted = {**self.status.counters, **counters}
        self.status = replace(self.status, counters=counted, updated_at=now, **changes)
        self._write()

    def _write(self) -> None:
        write_atomically(self._home.status_file, _as_json(self.status))


def why(error: BaseException) -> str:
    """Say of what a run ended; other errors than the project's own may quote delivered values."""
    if isinstance(error, AnxinError):
        return str(error)
    return f"{type(error).__name__}; see the log" if isinstance(error, Exception) else "interrupted"


@contextmanager
def reporting(home: Home, run_id: str) -> Iterator[StatusWriter]:
    """Keep the status of a run and report it as failed if an exception ends it.

    What was refused before it began has not been a run.
    """
    writer = StatusWriter(home, run_id)
    try:
        yield writer
    except BaseException as error:
        if isinstance(error, UsageError) and not writer.has_begun:
            writer.withdraw()
            raise
        writer.finish("failed", why(error))
        raise
    if writer.status.finished_at is None:
        writer.finish("succeeded", writer.status.message)


def read_status(home: Home) -> RunStatus | None:
    """Read the current or last run; a run that no longer holds the lock is `interrupted`.

    Returns:
        None if no run has reported yet, or what it wrote can't be read.
    """
    while True:
        status = _read(home)
        if status is None or status.state != "running":
            return status
        writer = holder(home)
        if writer is not None and _works_on(writer, status):
            return status
        if _read(home) == status:  # it did not just finish between the two looks
            return replace(status, state="interrupted")


def collect(home: Home) -> StatusReport:
    """Gather the state of a home from small files and the published one, never the warehouse."""
    report = StatusReport(
        run=read_status(home),
        writer=holder(home),
        published=None,
        published_bytes=None,
        books=feeds.load(home),
        kept=linked_ids(home),
        paused=read_pause(home),
    )
    if not home.published.exists():
        return report
    try:
        with reading(home.published) as connection:
            published = generation_of(connection)
            return replace(
                report,
                published=published,
                published_bytes=home.published.stat().st_size,
                books=report.books or (_published_books(connection, published)),
                audits=_counts(connection, _AUDITS),
                waiting=_waiting(connection),
            )
    except (duckdb.Error, AnxinError) as error:
        return replace(report, problem=f"{home.published.name} can't be read: {error}")


_AUDITS = """
select case when success then 'passed' else severity || '_failed' end as verdict, count(*)
from marts.meta.audits group by all order by 1
"""


def _published_books(
    connection: duckdb.DuckDBPyConnection, published: Generation | None
) -> Books | None:
    """Sum up the manifest that a published file was built from."""
    if published is None:
        return None
    return feeds.read_books(
        connection, "marts.meta.deliveries", published.change_seq, published.built_at
    )


def _waiting(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Read what waits; a file published by earlier code does not say."""
    try:
        return _rows(connection, "from marts.meta.waiting order by all")
    except duckdb.CatalogException:
        return []


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Run a query and name its columns."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    """Run a query of names and counts."""
    return {str(name): int(count) for name, count in connection.execute(query).fetchall()}


def _as_json(value: RunStatus | StatusReport) -> str:
    """Write a dataclass as one JSON object."""
    return json.dumps(asdict(value), default=lambda day: day.isoformat(), ensure_ascii=False)


def _works_on(writer: Holder, status: RunStatus) -> bool:
    """Whether the holder of the lock is the run; an unreadable holder gets the benefit."""
    if writer.run_id is not None:
        return writer.run_id == status.run_id
    return writer.pid in (status.pid, None)


def _read(home: Home) -> RunStatus | None:
    """Read the file as it stands."""
    try:
        found: dict[str, Any] = json.loads(home.status_file.read_text(encoding="utf-8"))
        for name in ("started_at", "updated_at", "finished_at"):
            found[name] = datetime.fromisoformat(found[name]) if found[name] else None
        return RunStatus(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None
