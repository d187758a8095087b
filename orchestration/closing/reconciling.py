"""A month's report as files, and what has changed since the month was closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import duckdb

from orchestration.closing import report, workbook
from orchestration.closing.closing import books, check_kept, is_current, require_current
from orchestration.closing.months import CLOSED, Decision, Month, decisions, state
from orchestration.closing.objections import objections
from orchestration.closing.report import Sheet
from orchestration.home import AnxinError, Home

PRINTED = ("summary", "roll-forward", "breaks")


@dataclass(frozen=True)
class Table:
    """A sheet that is printed."""

    name: str
    columns: list[str]
    rows: list[list[str | None]]


@dataclass
class Reconciled:
    """What a reconciliation of a month has made.

    Attributes:
        state: open, soft_closed or closed.
        folder: Where the workbook and the CSV files lie.
        objections: What stands against closing the month; empty for a closed one.
        restated: By account, payer and currency: closed, changed since, and today's amount. Empty
            where nothing has changed, None where today is not known because a run is due.
    """

    month: str
    state: str
    folder: str
    files: list[str]
    tables: list[Table]
    objections: list[str] = field(default_factory=list)
    restated: list[tuple[str, str | None, str, Decimal, Decimal, Decimal]] | None = None
    restatement_folder: str | None = None


def reconcile(home: Home, month: Month) -> Reconciled:
    """Write the report of a month; of a closed one the report as it was closed.

    The caller holds the writer lock.

    Raises:
        UsageError: Nothing is published, or a month that is not closed has changed since.
        AnxinError: What a close has frozen was changed.
    """
    with books(home) as connection:
        known = decisions(connection)
        close = known[str(month)] if state(known, month) == CLOSED else None
        if close:
            check_kept(connection, close)
            sheets = report.frozen(connection, close.change_seq)
        else:
            require_current(connection)
            report.set_variables(connection, month, None)
            sheets = report.sheets(connection)
        folder = home.exports / f"reconcile-{month}"
        files = workbook.write(connection, sheets, folder)
        made = Reconciled(
            str(month),
            state(known, month),
            str(folder),
            [path.name for path in files],
            [_table(connection, sheet) for sheet in sheets if sheet.name in PRINTED],
        )
        if not close:
            made.objections = objections(connection, month)
        elif is_current(connection):
            _explain(connection, home, month, close, made)
        return made


def _explain(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    month: Month,
    close: Decision,
    made: Reconciled,
) -> None:
    """Write the walk from the closed report to today's view, if they differ."""
    report.set_variables(connection, month, close)
    sheets = report.sheets(connection, report.WALK)
    totals: Sheet = next(sheet for sheet in sheets if sheet.name == "totals")
    off = [row for row in totals.rows(connection) if Decimal(row[-1] or 0) != 0]
    if off:
        raise AnxinError(
            f"the restatement of {month} does not add up: {off[0]}; `anxin verify` says whether the"
            " marts are what raw says"
        )
    made.restated = [
        (str(row[0]), row[1], str(row[2]), *(Decimal(value or 0) for value in row[3:6]))  # type: ignore[misc]
        for row in totals.rows(connection)
        if Decimal(row[4] or 0) != 0
    ]
    walk = next(sheet for sheet in sheets if sheet.name == "restatement")
    if next(walk.rows(connection), None):
        folder = home.exports / f"restatement-{month}"
        workbook.write(connection, sheets, folder)
        made.restatement_folder = str(folder)


def _table(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Table:
    return Table(
        sheet.name, [column.name for column in sheet.columns], list(sheet.rows(connection))
    )
