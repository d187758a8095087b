"""CSV files: in one sweep where they are clean, row by row where they are not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.staging import RESERVED, STAGED, Delivered, Refusal, Staging

BATCH = 20_000
FIELD_LIMIT = 64 << 20
"""Bytes of a single value; a longer one is a quote that was never closed."""

_BLOCK = 1 << 22
_SPACED_QUOTE = re.compile(rb'[,\r\n] +"|" +[,\r\n]')


def read_csv(staging: Staging, path: Path) -> Delivered:
    """Stage a plain CSV file as text; an empty value is null.

    A file in which every row is well formed is read by DuckDB. Any other is read row by row, so
    that each bad row is named and the others stay.

    Args:
        staging: Takes the rows.
        path: UTF-8, comma, double quotes, a header row.

    Raises:
        FileRejectedError: The header is unusable, or a quote stays open for too long.
    """
    with _wide_fields():
        columns, starts_plainly, newline = _header(path)
        traits = _traits(path)
        if starts_plainly and not traits.has_spaced_quote:
            try:
                return _read_fast(staging, path, columns, parallel=not traits.has_quote)
            except (duckdb.InvalidInputException, duckdb.ConversionException):
                pass
        return _read_rows(staging, path, columns, newline)


class _Traits:
    """What a file's bytes tell about its quotes."""

    has_quote = False
    has_spaced_quote = False


def _traits(path: Path) -> _Traits:
    """Find out whether values are quoted, and whether spaces stand outside of the quotes.

    DuckDB drops such spaces together with the quotes, where RFC 4180 has them be part of the
    value; and it can start a parallel scan inside of a quoted line break.
    """
    traits, tail = _Traits(), b""
    with path.open("rb") as reader:
        while block := reader.read(_BLOCK):
            traits.has_quote = traits.has_quote or b'"' in block
            if b'" ' in (joined := tail + block) or b' "' in joined:
                traits.has_spaced_quote |= bool(_SPACED_QUOTE.search(joined))
            tail = joined[-64:]
    return traits


def _header(path: Path) -> tuple[list[str], bool, str]:
    """Return the column names, whether they are just the first line, and the line end."""
    with path.open("rb") as reader:
        first = reader.readline(_BLOCK)
    newline = "\n" if first.endswith(b"\n") or b"\r" not in first else "\r"
    try:
        with _open(path, newline) as lines:
            rows = csv.reader(lines, strict=True)
            names = next((row for row in rows if row), [])
            starts_plainly = rows.line_num == 1
    except csv.Error as error:
        raise FileRejectedError(f"the header can't be read: {error}") from None
    _check_header(names)
    return names, starts_plainly and "rowid" not in map(str.lower, names), newline


def _open(path: Path, newline: str) -> TextIO:
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)


def _check_header(names: list[str]) -> None:
    if not names:
        raise FileRejectedError("the file has no header")
    seen: set[str] = set()
    for position, column in enumerate(names, 1):
        if not column.strip():
            raise FileRejectedError(f"column {position} of the header has no name")
        if not column.isprintable():
            raise FileRejectedError(f"the header name {column!r} is no printable UTF-8 text")
        if column.lower() in RESERVED:
            raise FileRejectedError(f"the column name {column!r} is reserved")
        if column.lower() in seen:
            raise FileRejectedError(f"the header names the column {column!r} twice")
        seen.add(column.lower())


def _read_fast(staging: Staging, path: Path, columns: list[str], *, parallel: bool) -> Delivered:
    kinds = ", ".join(f"{sql.text(column)}: 'varchar'" for column in columns)
    row_count = sql.scalar(
        staging.connection,
        f"create or replace temp table {STAGED.rpartition('.')[2]} as select * from read_csv("
        f"{sql.file(path)}, columns = {{{kinds}}}, auto_detect = false, header = true, delim = ',',"
        " quote = '\"', escape = '\"', nullstr = '', strict_mode = true, compression = 'none',"
        f" parallel = {str(parallel).lower()}, hive_partitioning = false)",
    )
    relation = f"select *, rowid + 1 as _row_number from {STAGED}"
    return Delivered(relation, tuple((column, "VARCHAR") for column in columns), row_count)


def _read_rows(staging: Staging, path: Path, columns: list[str], newline: str) -> Delivered:
    staging.open(columns)
    row_count, unsplit_count = 0, 0
    numbers: list[int] = []
    rows: list[list[str]] = []
    refusals: list[Refusal] = []

    def flush() -> None:
        nonlocal unsplit_count
        good = _store(staging, columns, numbers, rows)
        refusals.extend(good)
        staging.refuse(refusals)
        unsplit_count += len(refusals)
        for batch in (numbers, rows, refusals):
            batch.clear()

    for row_count, row in enumerate(_rows(path, columns, newline), 1):
        if isinstance(row, list):
            numbers.append(row_count)
            rows.append(row)
        else:
            refusals.append(Refusal(row_count, None, row[0], row[1]))
        if len(rows) + len(refusals) >= BATCH:
            flush()
    flush()
    return staging.delivered(row_count, unsplit_count)


def _rows(path: Path, columns: list[str], newline: str) -> Iterator[list[str] | tuple[str, str]]:
    """Yield each data row, or (reason, text) for one that can't be split."""
    width = len(columns)
    with _open(path, newline) as reader:
        recorder = _Recorder(reader)
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
            elif len(row) == width or (len(row) == width + 1 and not row[-1]):
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
            f" {FIELD_LIMIT >> 20} MiB"
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


@contextmanager
def _wide_fields() -> Iterator[None]:
    """Let Python's csv module read long values, and restore its limit."""
    limit = csv.field_size_limit(FIELD_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
