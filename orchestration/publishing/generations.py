"""Published files: what each was built from, and the last ones kept as hard links."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.publishing.files import fsync_folder, remove, write_atomically

logger = logging.getLogger(__name__)

KEPT = 3
"""Published files that stay as hard links, the current one included."""


class PublishError(AnxinError):
    """A file can't be published, or a published file can't be read; nothing was changed."""


@dataclass(frozen=True)
class Generation:
    """The one row of `meta.generation`: what a published file was built from."""

    generation_id: int
    run_id: str
    change_seq: int
    code_fingerprint: str
    built_at: datetime
    previous_generation_id: int | None


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a marts file read-only as the database `marts`.

    Attaching to a fresh instance bypasses DuckDB's cache of open files, so a process that still
    holds a replaced file reads the current one. An open writer of this process is an error.

    Raises:
        duckdb.Error: The file is absent, not a database, or open for writing.
    """
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{quoted(path)}' as marts (read_only)")
        connection.execute("use marts")
        yield connection


def quoted(path: Path) -> str:
    """Write a path for use inside single quotes in SQL."""
    return str(path).replace("'", "''")


def read_generation(path: Path) -> Generation | None:
    """Read what a marts file was built from; None if the file or its stamp is absent.

    Raises:
        PublishError: The file can't be opened as a database.
    """
    if not path.exists():
        return None
    try:
        with reading(path) as connection:
            return generation_of(connection)
    except duckdb.Error as error:
        if not path.exists():  # replaced or pruned in this instant
            return None
        raise PublishError(f"{path} can't be read as a marts file: {error}") from error


def read_published(home: Home) -> Generation | None:
    """Read what the published file was built from; None if nothing is published.

    Raises:
        PublishError: The file is damaged; the message says both ways out.
    """
    try:
        return read_generation(home.published)
    except PublishError as error:
        raise PublishError(f"{error}\n{ways_out(home)}") from error


def ways_out(home: Home) -> str:
    """Say what to do about a published file that can't be read."""
    whole = [generation.generation_id for generation in generations(home)]
    listed = ", ".join(map(str, whole)) or "none, as its own is the same file"
    return (
        f"Serve a kept generation by `anxin rollback --to N` (kept and whole: {listed}); or remove"
        f" {home.published}, and `anxin run` builds the marts anew from the warehouse."
    )


def generation_of(connection: duckdb.DuckDBPyConnection) -> Generation | None:
    """Read the stamp of the database `marts` of a connection; None if it has none."""
    stamped = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'marts'"
        " and schema_name = 'meta' and table_name = 'generation'"
    ).fetchone()
    if stamped is None or stamped[0] == 0:
        return None
    rows = connection.execute(
        "select generation_id, run_id, change_seq, code_fingerprint, built_at,"
        " previous_generation_id from marts.meta.generation"
    ).fetchall()
    if len(rows) != 1:
        raise PublishError(f"meta.generation holds {len(rows)} rows instead of one; run again.")
    number, run_id, change_seq, fingerprint, built_at, previous = rows[0]
    return Generation(
        number, run_id, change_seq, fingerprint, built_at.replace(tzinfo=UTC), previous
    )


def link_path(home: Home, generation_id: int) -> Path:
    """Where the hard link to a generation stands."""
    return home.generations / f"marts-{generation_id}.duckdb"


def linked_ids(home: Home) -> list[int]:
    """List the kept generations by their links, newest first."""
    names = (path.stem.removeprefix("marts-") for path in home.generations.glob("marts-*.duckdb"))
    return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def newest_number(home: Home) -> int:
    """Return the highest number that a generation ever had; 0 before the first."""
    try:
        noted = int(_note(home).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        noted = 0
    return max([noted, *linked_ids(home)])


def note_number(home: Home, number: int) -> None:
    """Keep a number from being given again once its file is gone."""
    write_atomically(_note(home), f"{number}\n")


def _note(home: Home) -> Path:
    return home.serving / "newest-generation"


def generations(home: Home) -> list[Generation]:
    """List what can be served, newest first; a kept file that can't be read is left out."""
    paths = [link_path(home, number) for number in linked_ids(home)] + [home.published]
    found = {g.generation_id: g for g in map(_read_or_none, paths) if g is not None}
    return [found[number] for number in sorted(found, reverse=True)]


def keep(home: Home, path: Path, generation_id: int) -> None:
    """Make sure that a published file stays reachable under its generation's name."""
    link = link_path(home, generation_id)
    if link.exists() and link.samefile(path):
        return
    home.generations.mkdir(parents=True, exist_ok=True)
    put(path, link, home)


def put(source: Path, target: Path, home: Home) -> None:
    """Make `target` a hard link to `source` by one rename, whatever stood there before."""
    incoming = home.generations / ".incoming.duckdb"
    incoming.unlink(missing_ok=True)
    incoming.hardlink_to(source)
    incoming.replace(target)
    fsync_folder(target.parent)
    incoming.unlink(missing_ok=True)  # a rename between links to one file leaves both names


def settle(home: Home) -> None:
    """Link the published file to its number, and drop links too many and files half made.

    It ends every publish; done again, it ends one that was killed after its rename. The caller
    holds the writer lock.
    """
    for left in (*home.serving.glob(".*.tmp"), *home.generations.glob(".*")):
        remove(left)
    current = _read_or_none(home.published)
    if current:
        keep(home, home.published, current.generation_id)
        _prune(home, current)


def _prune(home: Home, current: Generation) -> None:
    """Keep the current generation, then its ancestors, then the newest others; drop the rest."""
    linked = linked_ids(home)
    if len(linked) <= KEPT:
        return
    wanted: list[int] = []
    number: int | None = current.generation_id
    while number is not None and number in linked and number not in wanted:
        wanted.append(number)
        ancestor = _read_or_none(link_path(home, number))
        number = ancestor.previous_generation_id if ancestor else None
    wanted += [number for number in linked if number not in wanted]
    for number in wanted[KEPT:]:
        link_path(home, number).unlink(missing_ok=True)


def drop_older(home: Home, change_seq: int) -> int:
    """Drop the kept generations that lack a change, but for what is served; return how many.

    Args:
        home: Whose generations; the caller holds the writer lock.
        change_seq: Number of the change on the clock of change.
    """
    dropped = 0
    note_number(home, newest_number(home))
    for number in linked_ids(home):
        link = link_path(home, number)
        generation = _read_or_none(link)
        is_older = generation is None or generation.change_seq < change_seq
        if is_older and not (home.published.exists() and link.samefile(home.published)):
            link.unlink()
            dropped += 1
    return dropped


def _read_or_none(path: Path) -> Generation | None:
    """Read a kept file's stamp; a damaged file is named in the log."""
    try:
        return read_generation(path)
    except PublishError as error:
        logger.warning("%s", error)
        return None
