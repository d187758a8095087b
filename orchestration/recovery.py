"""What the writer that comes next puts right after a kill or a power cut."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration import publishing
from orchestration.home import WRITING, AnxinError, Home, limits
from orchestration.ingestion.landing import PARTIAL
from orchestration.lock import Holder, writer_lock
from orchestration.publishing.files import remove
from orchestration.publishing.generations import quoted

logger = logging.getLogger(__name__)

_CORRUPT = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
_SIZE_BYTES = 8


class TornLogError(AnxinError):
    """The warehouse's write-ahead log is damaged in its middle, so commits may be lost."""


def recover(home: Home) -> None:
    """Remove what killed processes left, end a killed publish, and make the warehouse whole.

    The caller holds the writer lock.

    Raises:
        TornLogError: The log is damaged before its last entry; the message says what to do.
    """
    _remove_leftovers(home)
    publishing.settle(home)
    log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
    if not home.warehouse.exists() or not log.exists():
        return
    try:
        duckdb.connect(str(home.warehouse)).close()
    except duckdb.IOException as error:
        _cut_torn_tail(log, error)
        duckdb.connect(str(home.warehouse)).close()


@contextmanager
def writing(
    home: Home,
    purpose: str,
    *,
    run_id: str | None = None,
    wait: float | None = None,
    on_wait: Callable[[Holder], None] | None = None,
) -> Iterator[None]:
    """Hold the writer lock for what is no run, over files that are whole; as `writer_lock` does.

    Raises:
        LockTimeoutError: Another writer kept the lock for `wait` seconds.
        TornLogError: As `recover` does.
    """
    with writer_lock(home, purpose, run_id=run_id, wait=wait, on_wait=on_wait):
        recover(home)
        yield


def _remove_leftovers(home: Home) -> None:
    """Remove half copies and what DuckDB spilled: delivered rows stand there in the clear."""
    remove(home.verification)
    for database in (home.warehouse, home.marts_next):
        remove(database.with_name(f"{database.name}.tmp"))
    remove(home.evidence / ".work")
    for left in (*home.evidence.glob(".incoming-*"), *home.root.glob(".*.compacted*")):
        remove(left)
    partials = home.landing.glob(f"*/*/{PARTIAL.format(pid='*')}")
    for partial in (*partials, *home.dbt_target.glob(WRITING.format(pid="*") + "*")):
        pid = partial.name.split("-")[1].split(".")[0]
        if not (pid.isdecimal() and _lives(int(pid))):
            remove(partial)


def _lives(pid: int) -> bool:
    """Whether a process of this machine has an id; its owner doesn't matter."""
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


def notice_restored_warehouse(home: Home) -> None:
    """Give a warehouse that lacks published changes, as a backup does, a new identity.

    Its next changes and log entries would take numbers that published marts have already seen.
    The new identity rebuilds every model, and the clock of change goes on after the newest number
    that any kept generation knows.

    Raises:
        AnxinError: It lacks months that are closed for good; nothing was changed.
    """
    _require_closes(home)
    kept = publishing.generations(home)
    if not kept or not home.warehouse.exists():
        return
    newest = max(generation.change_seq for generation in kept)
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        published = None
        if home.published.exists():
            published = "published"
            connection.execute(f"attach '{quoted(home.published)}' as {published} (read_only)")
        if renew_if_restored(connection, newest, published):
            logger.warning("the warehouse lacks published changes: every model will be rebuilt")


def _require_closes(home: Home) -> None:
    """Refuse to go on without closes that are published: it would open these months again."""
    if publishing.read_published(home) is None:
        return
    lost = sorted(_published_closes(home) - _kept_closes(home))
    if not lost:
        return
    closed = ", ".join(dict.fromkeys(period for period, _ in lost))
    found = "is an older one" if home.warehouse.exists() else "is gone"
    raise AnxinError(
        f"{home.warehouse} {found}: it lacks the hard close of {closed}, which is published."
        " Restore a newer backup of it; or, to give up what was closed, move"
        f" {home.published} and {home.generations} away and run again. Nothing was changed."
    )


def _published_closes(home: Home) -> set[tuple[str, str]]:
    """Month and SHA-256 of every hard close in the published marts that no reopening ended."""
    return _closes(home.published, "finance.period_closes where is_closed and")


def _kept_closes(home: Home) -> set[tuple[str, str]]:
    """Month and SHA-256 of every hard close that the warehouse holds."""
    if not home.warehouse.exists():
        return set()
    return _closes(home.warehouse, "raw.period_closes where")


def _closes(database: Path, source: str) -> set[tuple[str, str]]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{quoted(database)}' as db (read_only)")
        try:
            rows = connection.execute(
                f"select period, posting_sha256 from db.{source} posting_sha256 is not null"
            ).fetchall()
        except duckdb.CatalogException:  # it is older than such books
            return set()
    return {(str(period), str(sha256)) for period, sha256 in rows}


def renew_if_restored(
    connection: duckdb.DuckDBPyConnection, newest: int, published: str | None
) -> bool:
    """Renew the current database's identity and clock if it lacks published changes.

    Args:
        connection: Its current database is the warehouse.
        newest: The newest change that a kept generation was built from.
        published: Name under which the published marts are attached, if there are any.

    Returns:
        Whether it lacked any: a change, or an entry of a model's log that has been audited.
    """
    try:
        lacks = connection.execute(_LACKS_CHANGES, [newest]).fetchall()[0][0]
        if not lacks and published:
            lacks = connection.execute(_LACKS_ENTRIES.format(published=published)).fetchall()[0][0]
    except duckdb.CatalogException:  # it, or what is published, is older than such books
        return False
    if lacks:
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute("begin")
        connection.execute("update raw.warehouse set warehouse_id = uuid()::varchar")
        connection.execute(_GO_ON, [newest, now])
        connection.execute("commit")
    return bool(lacks)


_LACKS_CHANGES = "select coalesce(max(change_seq), 0) < $1 from raw.change_events"
_LACKS_ENTRIES = """
select count(*) > 0
from {published}.changes.audited as audited
inner join changes.heads as heads on audited.model = heads.model
where heads.seq < audited.seq
"""
_GO_ON = """
insert into raw.change_events
select greatest($1, coalesce(max(change_seq), 0)) + 1, null, 'restored', null, $2
from raw.change_events
"""


def _cut_torn_tail(log: Path, error: duckdb.IOException) -> None:
    """Cut off the last entry, which a power cut has left half written: it was never committed.

    DuckDB itself skips an entry that ends too early, but not one whose end was never written and
    reads as zeros. An entry is its size, its checksum and its body; DuckDB names where the body
    begins.
    """
    found = _CORRUPT.search(str(error))
    if found is None:
        raise error
    body = int(found.group(1))
    header = body - 2 * _SIZE_BYTES
    content = log.read_bytes()
    size = int.from_bytes(content[header : header + _SIZE_BYTES], "little")
    if content[body + size :].strip(b"\0"):
        raise TornLogError(
            f"{log} is damaged at byte {header:,}, and commits follow. Restore {log.stem} from a"
            " backup and remove the log; or, if every file that counted is still in the landing,"
            " remove the log and run again. Nothing was changed."
        ) from error
    logger.warning("cut a torn entry off the log", extra={"note": f"{log.name} at {header:,}"})
    with log.open("r+b") as file:
        file.truncate(header)
