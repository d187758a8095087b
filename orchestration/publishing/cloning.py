"""The clone of the published file that a run edits."""

from __future__ import annotations

from pathlib import Path

from orchestration.home import Home
from orchestration.publishing.files import copy_file, remove
from orchestration.publishing.generations import PublishError


def clone(home: Home) -> Path:
    """Copy the published file to `marts-next.duckdb`, after removing what a killed run left.

    The caller holds the writer lock. Before the first publish there is nothing to copy: the
    file stays absent, and attaching it makes it.

    Returns:
        The path of the clone.

    Raises:
        PublishError: Somebody writes to the published file.
        DiskSpaceError: The disk has no room for a copy.
    """
    drop_clone(home)
    home.serving.mkdir(parents=True, exist_ok=True)
    require_no_wal(home.published)
    if home.published.exists():
        copying = home.marts_next.with_name(f"{home.marts_next.name}.copying")
        copy_file(home.published, copying)
        copying.replace(home.marts_next)
    return home.marts_next


def drop_clone(home: Home) -> None:
    """Remove the clone with its WAL and temporary files; the published file is untouched."""
    for path in sorted(home.root.glob(f"{home.marts_next.name}*"), reverse=True):
        remove(path)


def require_no_wal(path: Path) -> None:
    """Refuse a database file with a write-ahead log beside it: the file alone is not whole.

    Raises:
        PublishError: A log is there; the message names it.
    """
    logs = sorted(path.parent.glob(f"{path.name}.wal*"))
    if logs:
        names = ", ".join(log.name for log in logs)
        raise PublishError(
            f"{path.name} has unfinished writes beside it ({names}). Close every connection that "
            "writes to it; if none is left, remove the log and run again."
        )
