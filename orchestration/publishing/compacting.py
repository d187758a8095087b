"""Database files without the bytes of deleted rows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from orchestration.home import limits
from orchestration.publishing.files import DiskSpaceError, fsync_folder, remove
from orchestration.publishing.generations import quoted


def compact(path: Path) -> None:
    """Copy a database into a new file and put that in its place by one rename.

    DuckDB gives the blocks of deleted rows free, but leaves what stood in them. The caller holds
    the writer lock, and no connection to the file is open. A kill leaves the earlier file. Only
    its owner can read the new one.

    Raises:
        DiskSpaceError: The disk has no room for a copy.
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("checkpoint")
    copy = path.with_name(f".{path.name}.compacted")
    for left in path.parent.glob(f"{copy.name}*"):
        remove(left)
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if needed > free:
        raise DiskSpaceError(path.parent, needed, free)
    source = '"' + path.stem.replace('"', '""') + '"'  # views name the database that they stand in
    with duckdb.connect(
        ":memory:", config=limits(copy.with_name(f"{copy.name}.tmp"))
    ) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{quoted(path)}' as {source} (read_only)")
        connection.execute(f"attach '{quoted(copy)}' as compacted")
        connection.execute(f"copy from database {source} to compacted")
        connection.execute("checkpoint compacted")
    with copy.open("rb") as file:
        os.fchmod(file.fileno(), 0o600)
        os.fsync(file.fileno())
    copy.replace(path)
    fsync_folder(path.parent)
    for left in path.parent.glob(f"{copy.name}*"):
        remove(left)
