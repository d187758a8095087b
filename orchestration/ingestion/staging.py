"""Temporary tables that hold one delivered file while it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.bills import Statement
from orchestration.ingestion.errors import FileRejectedError

STAGED = "temp.main.staged_rows"
REFUSED = "temp.main.refused_rows"
PREPARED = "temp.main.prepared_rows"
RESERVED = frozenset({"_row_number", "file_row_number"})
"""Column names that a file must not use."""

_TEXT = "VARCHAR"


@dataclass(frozen=True)
class Refusal:
    """A row of a file that could not even be split into values."""

    row_number: int
    column: str | None
    reason: str
    text: str


def check_names(names: Sequence[str]) -> None:
    """Refuse a header that can't name columns.

    What stands where names should may be personal data, so that places are told, not texts.

    Raises:
        FileRejectedError: A column has no name, one that is reserved, or that of another.
    """
    seen: dict[str, int] = {}
    for position, column in enumerate(names, 1):
        name = column.lower()
        if not column.strip():
            raise FileRejectedError(f"column {position} of the header has no name")
        if not column.isprintable():
            raise FileRejectedError(f"column {position} of the header is no printable UTF-8 text")
        if name in RESERVED:
            raise FileRejectedError(f"the column name {column!r} is reserved")
        if name in seen:
            raise FileRejectedError(f"columns {seen[name]} and {position} have one name")
        seen[name] = position


@dataclass
class Delivered:
    """A file that has been read.

    Attributes:
        relation: A select that yields the file's columns and `_row_number`.
        columns: Name and DuckDB type of each column, without `_row_number`.
        row_count: Data rows of the file, as the reader counted them.
        unsplit_count: How many of them could not be split into values; they are not in
            `relation`, but already among the refused rows.
        statement: What the file states of itself, if it is a bill.
    """

    relation: str
    columns: tuple[tuple[str, str], ...]
    row_count: int
    unsplit_count: int = 0
    statement: Statement | None = None


@dataclass
class Staging:
    """The temporary tables of a session; each file overwrites what the one before left."""

    connection: duckdb.DuckDBPyConnection
    refused_is_empty: bool = False
    _columns: list[str] = field(default_factory=list)
    _position: int = 0

    def clear(self) -> None:
        """Make the table of refused rows, or empty it."""
        if not self.refused_is_empty:
            self.connection.execute(
                f"create or replace temp table {REFUSED.rpartition('.')[2]} (_row_number bigint,"
                " position bigint, entity varchar, column_name varchar, reason varchar,"
                " row_text varchar)"
            )
        self.refused_is_empty = True

    def drop(self) -> None:
        """Give back what the last file holds of memory and disk."""
        for table in (STAGED, REFUSED, PREPARED):
            self.connection.execute(f"drop table if exists {table}")

    def open(self, columns: Sequence[str]) -> None:
        """Start a table of staged rows with text columns."""
        listed = "".join(f", {sql.name(column)} varchar" for column in columns)
        table = STAGED.rpartition(".")[2]
        self.connection.execute(
            f"create or replace temp table {table} (_row_number bigint{listed})"
        )
        self._columns = list(columns)

    def widen(self, column: str) -> None:
        """Add a text column to the table of staged rows."""
        table = STAGED.rpartition(".")[2]
        self.connection.execute(f"alter table {table} add column {sql.name(column)} varchar")
        self._columns.append(column)

    def append(self, numbers: Sequence[int], values: Sequence[Sequence[str | None]]) -> None:
        """Add rows of text.

        Args:
            numbers: `_row_number` of each row.
            values: One sequence for each column, in the order of the columns.

        Raises:
            UnicodeEncodeError: A value is not UTF-8; nothing was added.
        """
        import pyarrow as pa

        arrays = [
            pa.array(numbers, pa.int64()),
            *(pa.array(column, pa.string()) for column in values),
        ]
        chunk = pa.table(arrays, names=[str(position) for position in range(len(arrays))])
        self._insert(STAGED, chunk)

    def refuse(self, refusals: Sequence[Refusal]) -> None:
        """Note rows that could not be split into values."""
        import pyarrow as pa

        if not refusals:
            return
        rows = {
            "_row_number": [refusal.row_number for refusal in refusals],
            "position": [0] * len(refusals),
            "entity": [None] * len(refusals),
            "column_name": [refusal.column for refusal in refusals],
            "reason": [refusal.reason for refusal in refusals],
            "row_text": [refusal.text for refusal in refusals],
        }
        names = pa.string()
        kinds = [pa.int64(), pa.int64(), names, names, names, names]
        arrays = [pa.array(column, kind) for column, kind in zip(rows.values(), kinds, strict=True)]
        self._insert(REFUSED, pa.table(arrays, names=list(rows)))
        self.refused_is_empty = False

    def refuse_rows(self, query: str) -> None:
        """Note the rows that a query yields; a value that a reason quotes stays on one line.

        Args:
            query: Yields `_row_number`, entity, column_name, reason and row_text.
        """
        self._position += 1
        count = sql.scalar(
            self.connection,
            f"insert into {REFUSED} (_row_number, entity, column_name, reason, row_text, position)"
            " select row_number, entity, column_name,"
            rf" regexp_replace(reason, '\p{{Cc}}', '?', 'g'), row_text, {self._position}"
            f" from ({query}) as refused (row_number, entity, column_name, reason, row_text)",
        )
        self.refused_is_empty = self.refused_is_empty and not count

    def delivered(self, row_count: int, unsplit_count: int) -> Delivered:
        """Describe the table of staged rows that was filled by `append`."""
        columns = tuple((column, _TEXT) for column in self._columns)
        return Delivered(f"select * from {STAGED}", columns, row_count, unsplit_count)

    def _insert(self, table: str, chunk: object) -> None:
        self.connection.register("arrow_chunk", chunk)
        try:
            self.connection.execute(f"insert into {table} select * from arrow_chunk")
        finally:
            self.connection.unregister("arrow_chunk")
