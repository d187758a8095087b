"""What the writer that comes next puts right after a kill or a power cut."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.publishing.files import remove

logger = logging.getLogger(__name__)

_CORRUPT = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
_SIZE_BYTES = 8


class TornLogError(AnxinError):
    """The warehouse's write-ahead log is damaged in its middle, so commits may be lost."""


def recover(home: Home) -> None:
    """Remove what a killed verification left, and make the warehouse one whole file.

    The caller holds the writer lock.

    Raises:
        TornLogError: The log is damaged before its last entry; the message says what to do.
    """
    remove(home.verification)
    log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
    if not home.warehouse.exists() or not log.exists():
        return
    try:
        duckdb.connect(str(home.warehouse)).close()
    except duckdb.IOException as error:
        _cut_torn_tail(log, error)
        duckdb.connect(str(home.warehouse)).close()


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
