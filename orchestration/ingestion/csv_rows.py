"""CSV files row by row, so that each bad row is named and the others stay."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from orchestration.ingestion import bounded
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.staging import Delivered, Refusal, Staging

BATCH = 20_000
BATCH_TEXT = 64 << 20
"""Rows are staged once there are as many, or as many characters in them."""


def open_text(path: Path, newline: str) -> TextIO:
    """Open a file as text in which bytes that are not UTF-8 stand as lone surrogates."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)


def read_rows(staging: Staging, path: Path, columns: list[str], newline: str) -> Delivered:
    """Stage a plain CSV file row by row; a row that can't be split is refused.

    Args:
        staging: Takes the rows and the refusals.
        path: The file.
        columns: Names of the header.
        newline: What ends a line: a line feed, perhaps after a carriage return, or the latter.

    Raises:
        FileRejectedError: A line, or what a quote opens, is longer than `FIELD_LIMIT`.
    """
    staging.open(columns)
    row_count, unsplit_count, size = 0, 0, 0
    numbers: list[int] = []
    rows: list[list[str]] = []
    refusals: list[Refusal] = []

    def flush() -> None:
        nonlocal unsplit_count, size
        good = _store(staging, columns, numbers, rows)
        refusals.extend(good)
        staging.refuse(refusals)
        unsplit_count += len(refusals)
        size = 0
        for batch in (numbers, rows, refusals):
            batch.clear()

    for row_count, row in enumerate(_rows(path, columns, newline), 1):
        if isinstance(row, list):
            numbers.append(row_count)
            rows.append(row)
        else:
            refusals.append(Refusal(row_count, None, row[0], row[1]))
        size += sum(map(len, row))
        if len(rows) + len(refusals) >= BATCH or size >= BATCH_TEXT:
            flush()
    flush()
    return staging.delivered(row_count, unsplit_count)


def _rows(path: Path, columns: list[str], newline: str) -> Iterator[list[str] | tuple[str, str]]:
    """Yield each data row, or (reason, text) for one that can't be split.

    Delimiters at the end of a row with nothing after them are no matter.
    """
    width = len(columns)
    with open_text(path, newline) as reader:
        recorder = _Recorder(bounded.lines_of(reader))
        rows = csv.reader(recorder, strict=True)
        header_seen = False
        while True:
            line = rows.line_num + 1
            recorder.lines.clear()
            try:
                row = next(rows, None)
            except csv.Error as error:
                yield _complaint(str(error), line), escaped("".join(recorder.lines))
                continue
            if row is None:
                return
            if not header_seen:
                header_seen = bool(row)
            elif len(row) >= width and not any(row[width:]):
                yield row[:width]
            elif row:
                reason = f"line {line} has {len(row)} values, the header has {width} names"
                yield reason, escaped("".join(recorder.lines))
            elif width == 1:
                yield [""]


class _Recorder:
    """Lines of a file, keeping those that the current row is made of."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._source = lines
        self.lines: list[str] = []

    def __iter__(self) -> _Recorder:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self.lines.append(line)
        return line


def _complaint(error: str, line: int) -> str:
    if "unexpected end of data" in error:
        return f"a quote that opens in the row of line {line} is not closed up to the file's end"
    if "field larger" in error:
        raise FileRejectedError(
            f"a quote that opens in the row of line {line} is not closed within"
            f" {bounded.FIELD_LIMIT >> 20} MiB"
        )
    if "expected after" in error:
        return f"a value in the row of line {line} goes on after its closing quote"
    if "new-line character" in error:
        return f"the row of line {line} holds a bare carriage return outside of quotes"
    return f"the row of line {line} is no CSV: {error}"


def _store(
    staging: Staging, columns: list[str], numbers: list[int], rows: list[list[str]]
) -> list[Refusal]:
    """Stage a batch; return a refusal for every row of it that is not UTF-8."""
    refusals: list[Refusal] = []
    if not rows:
        return refusals
    try:
        staging.append(numbers, _by_column(rows))
    except UnicodeEncodeError:
        good: list[tuple[int, list[str]]] = []
        for number, row in zip(numbers, rows, strict=True):
            refusal = _not_utf8(number, columns, row)
            if refusal:
                refusals.append(refusal)
            else:
                good.append((number, row))
        if good:
            staging.append([number for number, _ in good], _by_column([row for _, row in good]))
    return refusals


def _by_column(rows: list[list[str]]) -> list[list[str | None]]:
    return [[value or None for value in column] for column in zip(*rows, strict=True)]


def _not_utf8(number: int, columns: list[str], row: list[str]) -> Refusal | None:
    for column, value in zip(columns, row, strict=True):
        position = utf8_fault(value)
        if position is not None:
            reason = f"{column} is not UTF-8 at byte {position}"
            return Refusal(number, column, reason, escaped(",".join(row)))
    return None


def utf8_fault(value: str) -> int | None:
    """Return which byte of a value (from 1) is not UTF-8, or None when all are."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return len(value[: error.start].encode()) + 1
    return None


def escaped(value: str) -> str:
    """Return text in which bytes that are not UTF-8 stand as backslash escapes."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
