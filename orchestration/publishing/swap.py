"""Publishing and rolling back: one rename each, whole or not at all.

A kill between any two steps leaves the earlier or the later published file, whole. What else it
leaves (a clone, a link too many, a missing link) the next writer puts right. The caller holds the
writer lock.
"""

from __future__ import annotations

import os

import duckdb

from orchestration.home import Home, UsageError
from orchestration.publishing.cloning import drop_clone, require_no_wal
from orchestration.publishing.files import fsync_folder
from orchestration.publishing.generations import (
    Generation,
    PublishError,
    drop_older,
    generation_of,
    generations,
    keep,
    link_path,
    linked_ids,
    note_number,
    put,
    read_generation,
    read_published,
    reading,
    settle,
    ways_out,
)
from orchestration.publishing.pausing import PublishingPausedError, pause, read_pause


def publish(home: Home, *, oldest: int = 0) -> Generation:
    """Make the stamped clone what readers see, and keep the earlier file as a generation.

    Args:
        home: The home to publish in.
        oldest: Number of a change that every kept generation must hold.

    Returns:
        The generation that is published now.

    Raises:
        PublishingPausedError: A rollback paused publishing; the clone stays where it is.
        PublishError: The clone is absent, open, unstamped, holds a view, or was built on another
            generation than the published one.
    """
    paused = read_pause(home)
    if paused:
        raise PublishingPausedError(paused)
    current = read_published(home)
    following = _check(home, current)
    _seal(home)
    drop_older(home, oldest)
    if current and current.change_seq >= oldest:
        keep(home, home.published, current.generation_id)
    elif current:  # now, for after the rename a kill would leave it
        link_path(home, current.generation_id).unlink(missing_ok=True)
    _replace(home)
    note_number(home, following.generation_id)
    settle(home)
    return following


def rollback(
    home: Home,
    to: int | None = None,
    *,
    reason: str | None = None,
    oldest: int = 0,
    closed: int = 0,
) -> Generation:
    """Serve an earlier generation again, and pause publishing.

    Args:
        home: The home to roll back.
        to: The generation to serve; the default is the one that the published file was built on.
        reason: Why, for those who find publishing paused.
        oldest: Number of a change that a generation must hold to be served again.
        closed: Number of the newest close of a month; what was built before it is not served.

    Returns:
        The generation that is published now.

    Raises:
        UsageError: `to` is not kept, is the published one, or was built before a month closed.
        PublishError: Nothing is published, nothing earlier is kept, or a file can't be read.
    """
    drop_older(home, oldest)
    current = _published_id(home)
    target = _target(home, current, to)
    if target.change_seq < closed:
        raise UsageError(
            f"Generation {target.generation_id} was built before a month was closed, and would show"
            " other figures for it. Reopen the month first:"
            " `anxin close MONTH --by NAME --reopen --reason ...`."
        )
    require_no_wal(home.published)
    if current is not None:
        keep(home, home.published, current)
    left = "an unreadable file" if current is None else f"generation {current}"
    why = f"rolled back from {left} to generation {target.generation_id}"
    pause(home, target.generation_id, f"{why}: {reason}" if reason else why)
    drop_clone(home)  # it was built on the generation that is given up
    put(link_path(home, target.generation_id), home.published, home)
    return target


def _check(home: Home, current: Generation | None) -> Generation:
    """Refuse a clone that is not whole, not stamped, or not the successor of what is published."""
    if not home.marts_next.exists():
        raise PublishError(f"{home.marts_next.name} is absent: nothing waits to be published.")
    require_no_wal(home.marts_next)
    require_no_wal(home.published)
    home.serving.mkdir(parents=True, exist_ok=True)
    if home.marts_next.stat().st_dev != home.serving.stat().st_dev:
        raise PublishError(f"{home.serving} must be on the same file system as {home.root}.")
    try:
        with reading(home.marts_next) as connection:
            following = generation_of(connection)
            _refuse_views(connection)
    except duckdb.Error as error:
        raise PublishError(f"{home.marts_next.name} can't be published: {error}") from error
    if following is None:
        raise PublishError(f"{home.marts_next.name} has no meta.generation: it is not complete.")
    published_id = current.generation_id if current else None
    if following.previous_generation_id != published_id:
        raise PublishError(
            f"{home.marts_next.name} was built on generation {following.previous_generation_id}, "
            f"but {published_id} is published: run again."
        )
    if following.generation_id in linked_ids(home):
        raise PublishError(f"Generation {following.generation_id} exists already: run again.")
    return following


def _refuse_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse views: they break when the file is opened under another database name."""
    views = connection.execute(
        "select schema_name || '.' || view_name from duckdb_views()"
        " where database_name = 'marts' and not internal order by 1"
    ).fetchall()
    if views:
        names = ", ".join(name for (name,) in views)
        raise PublishError(f"Published relations must be tables, these are views: {names}.")


def _seal(home: Home) -> None:
    """Make the clone durable and read-only for all: nobody writes to a published file."""
    fd = os.open(home.marts_next, os.O_RDONLY)
    try:
        os.fchmod(fd, 0o444)
        os.fsync(fd)
    finally:
        os.close(fd)


def _replace(home: Home) -> None:
    """Do the one rename that publishes."""
    home.marts_next.replace(home.published)
    fsync_folder(home.serving)
    fsync_folder(home.root)


def _published_id(home: Home) -> int | None:
    """The number of the published generation; None if the file is damaged."""
    if not home.published.exists():
        raise PublishError("Nothing is published: there is nothing to roll back.")
    try:
        found = read_generation(home.published)
    except PublishError:
        return None
    return found.generation_id if found else None


def _target(home: Home, current: int | None, to: int | None) -> Generation:
    """Find the generation to roll back to."""
    kept = [g.generation_id for g in generations(home) if g.generation_id != current]
    listed = f"Kept besides it: {', '.join(map(str, kept)) or 'none'}."
    if to is not None and to not in kept:
        what = "published already" if to == current else "not kept"
        raise UsageError(f"Generation {to} is {what}. {listed}")
    number = _ancestor(home, current) if to is None else to
    if current is None and to is None:
        raise PublishError(
            f"{home.published} can't be read, nor what it was built on. {ways_out(home)}"
        )
    if number is None or number not in kept:
        raise PublishError(
            f"The generation before the published one is not kept. Name the one to serve. {listed}"
        )
    target = read_generation(link_path(home, number))
    if target is None or target.generation_id != number:
        raise PublishError(f"{link_path(home, number).name} does not hold generation {number}.")
    return target


def _ancestor(home: Home, current: int | None) -> int | None:
    """The generation that the published one was built on."""
    found = None if current is None else read_generation(home.published)
    return found.previous_generation_id if found else None
