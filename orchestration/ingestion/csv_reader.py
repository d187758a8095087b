"""CSV files: in one sweep where every row is well formed, row by row where not."""

from __future__ import annotations

import csv
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.ingestion import bounded, sql
from orchestration.ingestion.csv_rows import open_text, read_rows
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.staging import STAGED, Delivered, Staging, check_names

_BLOCK = 1 << 22


@dataclass(frozen=True)
class _Shape:
    """What is known of a file before its rows are split.

    Attributes:
        columns: Names of the header.
        newline: What ends a line.
        is_plain: Whether the header is just the first line and names no `rowid`.
    """

    columns: list[str]
    newline: str
    is_plain: bool


@dataclass
class _Traits:
    """What a file's bytes tell of its rows.

    Attributes:
        line_count: Lines, with the header; the last one may lack its end.
        has_quote: Whether there is a double quote anywhere.
        has_spaced_quote: Whether a space stands beside a quote anywhere.
        has_nul: Whether there is a NUL character anywhere.
        is_uniform: Whether all lines end alike, and no other line end stands in a value.
    """

    line_count: int = 0
    has_quote: bool = False
    has_spaced_quote: bool = False
    has_nul: bool = False
    is_uniform: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB and RFC 4180 agree on what such a file holds."""
        return self.is_uniform and not self.has_spaced_quote and not self.has_nul


class _NotPlainError(Exception):
    """The sweep did not read what the file's bytes say is there."""


def read_csv(staging: Staging, path: Path, work: Path) -> Delivered:
    """Stage a plain CSV file as text; an empty value is null.

    A file in which every row is well formed is read by DuckDB. Any other is read row by row, so
    that each bad row is named and the others stay.

    Args:
        staging: Takes the rows.
        path: UTF-8, comma, double quotes, a header row.
        work: A folder for a copy that lives while the file is read.

    Raises:
        FileRejectedError: The header is unusable, or a line or what a quote opens is too long.
    """
    with _wide_fields():
        shape = _shape(path)
        traits = _traits(path, shape.newline)
        if shape.is_plain and traits.is_plain:
            try:
                return _sweep(staging, path, shape, traits, work)
            except (duckdb.InvalidInputException, duckdb.ConversionException, _NotPlainError):
                pass
        return read_rows(staging, path, shape.columns, shape.newline)


def _sweep(staging: Staging, path: Path, shape: _Shape, traits: _Traits, work: Path) -> Delivered:
    """Let DuckDB read the file, and prove that it left out nothing.

    Its parallel reader can drop a row at the edge of a buffer, and the other one a last row
    whose quote is never closed; both without an error. So the file is read by one thread. Where
    there are no quotes, a row is a line, and lines are counted apart. Where there are, the file
    is given a last row of its own that has to come out again.
    """
    if not traits.has_quote:
        row_count = _stage(staging, path, shape.columns)
        if row_count != traits.line_count - 1:
            raise _NotPlainError
    else:
        token = secrets.token_hex(16)
        marked = _with_last_row(path, work / "marked", shape, token)
        try:
            row_count = _stage(staging, marked, shape.columns) - 1
        finally:
            marked.unlink()
        if _take_last_row(staging, shape.columns[0], row_count) != token:
            raise _NotPlainError
    relation = f"select *, rowid + 1 as _row_number from {STAGED}"
    return Delivered(relation, tuple((column, "VARCHAR") for column in shape.columns), row_count)


def _stage(staging: Staging, path: Path, columns: list[str]) -> int:
    kinds = ", ".join(f"{sql.text(column)}: 'varchar'" for column in columns)
    return sql.scalar(
        staging.connection,
        f"create or replace temp table {STAGED.rpartition('.')[2]} as select * from read_csv("
        f"{sql.file(path)}, columns = {{{kinds}}}, auto_detect = false, header = true, delim = ',',"
        " quote = '\"', escape = '\"', nullstr = '', strict_mode = true, compression = 'none',"
        " parallel = false, hive_partitioning = false)",
    )


def _with_last_row(path: Path, marked: Path, shape: _Shape, token: str) -> Path:
    """Copy a file and add a row with a token in its first column."""
    shutil.copyfile(path, marked)
    with path.open("rb") as reader:
        ends_with_crlf = reader.readline(_BLOCK).endswith(b"\r\n")
        reader.seek(-1, 2)
        ends_open = reader.read() not in (b"\n", b"\r")
    line_end = "\r\n" if ends_with_crlf else shape.newline
    row = token + "," * (len(shape.columns) - 1) + line_end
    with marked.open("ab") as writer:
        writer.write(((line_end if ends_open else "") + row).encode())
    return marked


def _take_last_row(staging: Staging, column: str, row_count: int) -> str | None:
    """Remove the last staged row; return what its first column holds."""
    found = staging.connection.execute(
        f"delete from {STAGED} where rowid = {row_count} returning {sql.name(column)}"
    ).fetchone()
    return str(found[0]) if found else None


def _traits(path: Path, newline: str) -> _Traits:
    """Look at a file's bytes.

    DuckDB drops a space that follows a closing quote, or precedes an opening one, together with
    the quotes, where RFC 4180 has no such thing; it takes a bare carriage return for a line end;
    and it drops a NUL character beyond the last column.
    """
    traits, joined, line_end = _Traits(), b"", newline.encode()
    returns = pairs = feeds = 0
    with path.open("rb") as reader:
        while block := reader.read(_BLOCK):
            pairs += block.count(b"\r\n") + (joined[-1:] == b"\r" and block[:1] == b"\n")
            returns += block.count(b"\r")
            feeds += block.count(b"\n")
            joined = joined[-64:] + block
            traits.line_count += block.count(line_end)
            traits.has_quote |= b'"' in block
            traits.has_nul |= b"\0" in block
            traits.has_spaced_quote |= b'" ' in joined or b' "' in joined
    traits.line_count += not joined.endswith(line_end)
    traits.is_uniform = returns == 0 or feeds == 0 or returns == pairs == feeds
    return traits


def _shape(path: Path) -> _Shape:
    """Read the header."""
    with path.open("rb") as reader:
        first = reader.readline(_BLOCK)
    newline = "\n" if first.endswith(b"\n") or b"\r" not in first else "\r"
    try:
        with open_text(path, newline) as lines:
            rows = csv.reader(bounded.lines_of(lines), strict=True)
            names = next((row for row in rows if row), [])
            is_first = rows.line_num == 1
    except csv.Error as error:
        raise FileRejectedError(f"the header can't be read: {error}") from None
    if not names:
        raise FileRejectedError("the file has no header")
    check_names(names)
    return _Shape(names, newline, is_first and "rowid" not in map(str.lower, names))


@contextmanager
def _wide_fields() -> Iterator[None]:
    """Let Python's csv module read long values, and restore its limit."""
    limit = csv.field_size_limit(bounded.FIELD_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
