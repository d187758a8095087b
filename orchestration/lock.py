"""One writer at a time: an OS file lock that names its holder.

The lock is `flock` on `writer.lock`, so the operating system frees it when the process dies,
however it dies. The text in the file says who holds it and counts only while the lock is taken.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.home import AnxinError, Home

POLL_SECONDS = 0.2
"""Pause between two tries of a waiting writer."""

_TRIES = 50
_TRY_SECONDS = 0.01

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Holder:
    """Who holds the writer lock; every field but `purpose` is None while the text is unreadable."""

    pid: int | None
    purpose: str
    run_id: str | None
    since: datetime | None

    def __str__(self) -> str:
        """Describe the holder in one phrase for people."""
        parts = [f"process {self.pid}" if self.pid else "unknown process"]
        if self.run_id:
            parts.append(f"run {self.run_id}")
        if self.since:
            parts.append(f"since {self.since:%Y-%m-%d %H:%M:%S} UTC")
        return f"'{self.purpose}' ({', '.join(parts)})"


class LockTimeoutError(AnxinError):
    """Another writer holds the lock and did not let go in time."""

    def __init__(self, holder: Holder, waited: float) -> None:
        """Name the holder and the seconds that were waited for it."""
        super().__init__(
            f"Another writer is at work: {holder}. Gave up after {waited:.1f} s; "
            "wait until it has finished, or stop it, and try again."
        )
        self.holder = holder


@contextmanager
def writer_lock(
    home: Home,
    purpose: str,
    *,
    run_id: str | None = None,
    wait: float | None = None,
    on_wait: Callable[[Holder], None] | None = None,
) -> Iterator[Holder]:
    """Hold the one writer lock of a home.

    What the holder's process writes meanwhile is its user's alone, unless a mode says otherwise:
    DuckDB gives the warehouse, its log and what it spills no other one.

    Args:
        home: The home folder; it is made if absent.
        purpose: What the holder does, for others to read (`run`, `rollback`).
        run_id: The run that the holder works for.
        wait: Seconds to wait for another writer; None waits without end, 0 not at all.
        on_wait: Told who is waited for, once per holder; the default is a log line.

    Yields:
        What the lock file says about this process.

    Raises:
        LockTimeoutError: Another process, or another lock of this one, kept it for `wait` seconds.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    fd = _acquire(home.lock_file, wait, on_wait or _log_wait)
    owner = os.getpid()
    umask = os.umask(0o077)
    try:
        me = Holder(owner, purpose, run_id, datetime.now(UTC))
        _write(fd, me)
        yield me
    finally:
        os.umask(umask)
        if os.getpid() == owner:  # a forked child shares the lock and must not free it
            os.ftruncate(fd, 0)
            fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def holder(home: Home) -> Holder | None:
    """Tell who holds the writer lock, without taking it; None when it is free."""
    try:
        fd = os.open(home.lock_file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        for _ in range(_TRIES):
            if _try(fd, fcntl.LOCK_SH):
                fcntl.flock(fd, fcntl.LOCK_UN)
                return None
            found = _read(fd)
            if found.pid is not None:
                return found
            time.sleep(_TRY_SECONDS)  # taken, and the text is just being written
        return _read(fd)
    finally:
        os.close(fd)


def _acquire(path: Path, wait: float | None, on_wait: Callable[[Holder], None]) -> int:
    """Return a descriptor that holds the lock; the caller closes it."""
    started = time.monotonic()
    told: Holder | None = None
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if _try_patiently(fd) and _is_still_at(fd, path):
                return fd
            current = _read(fd)
            waited = time.monotonic() - started
            if wait is not None and waited >= wait:
                raise LockTimeoutError(current, waited)
            if current.pid is not None and current != told:
                on_wait(current)
                told = current
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        time.sleep(POLL_SECONDS if wait is None else min(POLL_SECONDS, max(wait - waited, 0)))


def _try_patiently(fd: int) -> bool:
    """Try for the exclusive lock; only another writer, not a probe by `holder`, refuses it."""
    for _ in range(_TRIES):
        if _try(fd, fcntl.LOCK_EX):
            return True
        if not _try(fd, fcntl.LOCK_SH):
            return False
        fcntl.flock(fd, fcntl.LOCK_UN)  # shared, so it was a probe: gone in an instant
        time.sleep(_TRY_SECONDS)
    return False


def _try(fd: int, kind: int) -> bool:
    """Try once to lock without waiting."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still_at(fd: int, path: Path) -> bool:
    """Whether the locked file is the one that others would open, not a deleted one."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _write(fd: int, me: Holder) -> None:
    """Replace the text of the lock file with one write."""
    since = me.since.isoformat() if me.since else None
    text = json.dumps(
        {"pid": me.pid, "purpose": me.purpose, "run_id": me.run_id, "since": since},
        ensure_ascii=False,
    )
    os.ftruncate(fd, 0)
    os.pwrite(fd, text.encode(), 0)


def _read(fd: int) -> Holder:
    """Read the text of the lock file; an empty or broken one gives an unknown holder."""
    try:
        found = json.loads(os.pread(fd, 65_536, 0))
        since = datetime.fromisoformat(found["since"])
        return Holder(int(found["pid"]), str(found["purpose"]), found["run_id"], since)
    except (ValueError, KeyError, TypeError):
        return Holder(None, "unknown", None, None)


def _log_wait(current: Holder) -> None:
    """Say in the log who is waited for."""
    logger.warning("waiting for the writer lock, held by %s", current)
