"""Lines of a file, none of which is longer than memory has room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, AnyStr

from orchestration.ingestion.errors import FileRejectedError

FIELD_LIMIT = 64 << 20
"""Bytes of a single value; a longer one is a quote that was never closed."""


def lines_of(reader: IO[AnyStr]) -> Iterator[AnyStr]:
    """Yield each line of a file with its end.

    Raises:
        FileRejectedError: A line is longer than `FIELD_LIMIT`; no more than that of it was read.
    """
    number = 0
    while line := reader.readline(FIELD_LIMIT + 1):
        number += 1
        if len(line) > FIELD_LIMIT:
            raise FileRejectedError(f"line {number} has more than {FIELD_LIMIT >> 20} MiB")
        yield line
