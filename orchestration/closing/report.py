"""The report of a month: sheets of text rows, from what is published or as a close has frozen it.

A sheet is an SQL file in `sheets/`, in the order of the files' names. It reads the warehouse, the
published file (`marts`) and the variables that `set_variables` sets. Every row becomes a list of
texts, so that a frozen row gives the same bytes as a live one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.closing.months import CLOSED, OPEN, Decision, Month
from orchestration.home import AnxinError

SHEETS = Path(__file__).parent / "sheets"
WALK = Path(__file__).parent / "walk"
BATCH = 10_000


@dataclass(frozen=True)
class Column:
    """A column of a sheet; the kind is DuckDB's name of its type."""

    name: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """A sheet and the query that yields its rows, each a list of texts."""

    name: str
    columns: tuple[Column, ...]
    query: str

    def rows(self, connection: duckdb.DuckDBPyConnection) -> Iterator[list[str | None]]:
        """Yield the rows in order; the connection runs nothing else meanwhile."""
        connection.execute(self.query)
        while batch := connection.fetchmany(BATCH):
            yield from (row[0] for row in batch)


def set_variables(
    connection: duckdb.DuckDBPyConnection, month: Month, close: Decision | None
) -> None:
    """Set what the sheets of a month read besides tables.

    Args:
        connection: Whose variables.
        month: The month.
        close: What has closed it, softly or for good; None while it is open.
    """
    values: dict[str, object] = {
        "first_date": month.first,
        "last_date": month.last,
        "period": str(month),
        "state": close.event if close else OPEN,
        "close_seq": close.change_seq if close and close.event == CLOSED else None,
        "decision_seq": close and close.change_seq,
        "closed_by": close and close.closed_by,
        "close_reason": close and close.reason,
        "is_forced": close and close.is_forced,
    }
    for name, value in values.items():
        connection.execute(f"set variable {name} = ?", [value])


def sheets(connection: duckdb.DuckDBPyConnection, folder: Path = SHEETS) -> list[Sheet]:
    """Return the sheets of a folder over what is published now."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        sql = path.read_text(encoding="utf-8").strip()
        described = connection.execute(f"describe {sql}").fetchall()
        columns = tuple(Column(str(row[0]), str(row[1])) for row in described)
        values = ", ".join(f'"{column.name}"::varchar' for column in columns)
        name = path.stem.partition("_")[2].replace("_", " ")
        found.append(Sheet(name, columns, f"select list_value({values}) from (\n{sql}\n)"))
    return found


def freeze(connection: duckdb.DuckDBPyConnection, change_seq: int) -> None:
    """Keep the report of a month as it stands, in the current transaction."""
    for position, sheet in enumerate(sheets(connection), 1):
        name = f"{position} {sheet.name}"
        header = [text for column in sheet.columns for text in (column.name, column.kind)]
        connection.execute(
            "insert into raw.frozen_report_rows values (?, ?, 0, ?)", [change_seq, name, header]
        )
        connection.execute(
            "insert into raw.frozen_report_rows"
            f" select $1, $2, row_number() over (), * from ({sheet.query})",
            [change_seq, name],
        )


def frozen(connection: duckdb.DuckDBPyConnection, change_seq: int) -> list[Sheet]:
    """Return the sheets that a close has kept.

    Raises:
        AnxinError: There are none.
    """
    rows = connection.execute(
        "select sheet, row_values from raw.frozen_report_rows"
        " where change_seq = $1 and row_number = 0 order by sheet",
        [change_seq],
    ).fetchall()
    if not rows:
        raise AnxinError(f"the close with the number {change_seq} has kept no report")
    return [
        Sheet(
            name.partition(" ")[2],
            tuple(map(Column, header[::2], header[1::2])),
            "select row_values from raw.frozen_report_rows"
            f" where change_seq = {change_seq:d} and row_number > 0 and sheet = '{name}'"
            " order by row_number",
        )
        for name, header in rows
    ]
