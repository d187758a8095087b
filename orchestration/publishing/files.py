"""File operations that survive a kill: durable renames, atomic texts, cheap copies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from orchestration.home import AnxinError

_FICLONE = 0x40049409  # Linux: share the blocks of another file
_CHUNK_BYTES = 1 << 30
GROWTH_SHARE = 0.1
"""Part of a copied file's size that must be free on top of it, for the run that edits it."""


class DiskSpaceError(AnxinError):
    """The disk is too full for a copy."""

    def __init__(self, folder: Path, needed: int, free: int) -> None:
        """Name the folder and both sizes in bytes."""
        super().__init__(
            f"Not enough space in {folder}: {needed:,} bytes are needed and {free:,} are free. "
            "Make room, or move ANXIN_HOME to a larger disk; nothing was changed."
        )
        self.needed, self.free = needed, free


def fsync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_atomically(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace a text file so that a reader sees the old or the new text, never a part.

    Args:
        path: The file; its folder is made if absent, its mode becomes 0644.
        text: The whole new text.
        durable: Also survive a power cut (costs two fsync).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        if durable:
            os.fsync(file.fileno())
    temporary.replace(path)
    if durable:
        fsync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can.

    Raises:
        DiskSpaceError: Blocks can't be shared and the disk has too little room for a copy.
    """
    if share_blocks(source, target):
        return
    target.unlink(missing_ok=True)
    require_room(target.parent, int(source.stat().st_size * (1 + GROWTH_SHARE)))
    try:
        _copy_data(source, target)
    except OSError:  # a file system without holes or in-kernel copies
        shutil.copyfile(source, target)


def require_room(folder: Path, needed: int) -> None:
    """Raise DiskSpaceError when the disk of a folder has fewer free bytes than are needed."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DiskSpaceError(folder, needed, free)


def share_blocks(source: Path, target: Path) -> bool:
    """Make `target` a clone that shares the blocks of `source`; False where that is impossible."""
    if sys.platform != "linux":
        return False
    with source.open("rb") as reader, target.open("wb") as writer, contextlib.suppress(OSError):
        fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        return True
    return False


def _copy_data(source: Path, target: Path) -> None:
    """Copy what is not a hole, inside the kernel; OSError where that is not supported."""
    if not hasattr(os, "copy_file_range"):
        raise OSError("no in-kernel copy")
    with source.open("rb") as reader, target.open("wb") as writer:
        size = os.fstat(reader.fileno()).st_size
        for start, end in _data_ranges(reader.fileno(), size):
            while start < end:
                length = min(end - start, _CHUNK_BYTES)
                copied = os.copy_file_range(reader.fileno(), writer.fileno(), length, start, start)
                if copied == 0:
                    raise OSError(f"{source} became shorter while it was copied")
                start += copied
        os.ftruncate(writer.fileno(), size)


def _data_ranges(fd: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges of a file that are not holes."""
    end = 0
    while end < size:
        try:
            start = os.lseek(fd, end, os.SEEK_DATA)
        except OSError:  # only a hole is left
            return
        end = os.lseek(fd, start, os.SEEK_HOLE)
        yield start, end
