"""A month's report as files, and what has changed since the month was closed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.closing import report, workbook
from orchestration.closing.closing import books, check_kept, is_current, require_current
from orchestration.closing.months import (
    CLOSED,
    OPEN,
    Decision,
    Month,
    close_numbered,
    decisions,
    state,
)
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


@dataclass(frozen=True)
class Restated:
    """An account of a payer: as it was closed, what has changed since, and what it is today.

    Attributes:
        reported_amount: What moved in the month, by the closed report's trial balance.
        earlier_months_amount: Of this, corrections of earlier months.
        closed_amount: The rest: what was closed of the month.
    """

    account: str
    payer: str | None
    currency_code: str
    reported_amount: Decimal
    earlier_months_amount: Decimal
    closed_amount: Decimal
    changed_amount: Decimal
    today_amount: Decimal


@dataclass
class Reconciled:
    """What a reconciliation of a month has made.

    Attributes:
        state: open, soft_closed or closed; `close N` where it is what that close has kept.
        folder: Where the workbook and the CSV files lie.
        objections: What stands against closing the month; empty for a closed one.
        restated: What has changed since the close: empty where nothing has, None where today is
            not known because a run is due, or where the month is not closed.
    """

    month: str
    state: str
    folder: str
    files: list[str]
    tables: list[Table]
    objections: list[str] = field(default_factory=list)
    restated: list[Restated] | None = None
    restatement_folder: str | None = None


def reconcile(home: Home, month: Month, close_number: int | None = None) -> Reconciled:
    """Write the report of a month; of a closed one the report as it was closed.

    A walk that an earlier call wrote is removed.

    The caller holds the writer lock.

    Args:
        home: Whose month it is.
        month: The month.
        close_number: Write what this close has kept, in a folder of its own, though the month was
            reopened since; the walk is left alone.

    Raises:
        UsageError: Nothing is published, a month that is not closed has changed since, or there is
            no such close.
        AnxinError: What a close has frozen was changed.
    """
    with books(home) as connection:
        if close_number is not None:
            kept = close_numbered(connection, month, close_number)
            sheets, folder = _kept(connection, kept), f"reconcile-{month}-close-{close_number}"
            return _written(
                connection, home.exports / folder, month, f"close {close_number}", sheets
            )
        known = decisions(connection)
        found = state(known, month)
        close = known[str(month)] if found == CLOSED else None
        if close:
            sheets = _kept(connection, close)
        else:
            require_current(connection)
            report.set_variables(connection, month, None if found == OPEN else known[str(month)])
            sheets = report.sheets(connection)
        shutil.rmtree(home.exports / f"restatement-{month}", ignore_errors=True)
        made = _written(connection, home.exports / f"reconcile-{month}", month, found, sheets)
        if not close:
            made.objections = objections(home, connection, month)
        elif is_current(connection):
            _explain(connection, home, month, close, made)
        return made


def _kept(connection: duckdb.DuckDBPyConnection, close: Decision) -> list[Sheet]:
    """Return the report that a close has kept, once it is proven."""
    check_kept(connection, close)
    return report.frozen(connection, close.change_seq)


def _written(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    month: Month,
    label: str,
    sheets: list[Sheet],
) -> Reconciled:
    files = workbook.write(connection, sheets, folder, f"reconcile-{month}")
    return Reconciled(
        str(month),
        label,
        str(folder),
        [path.name for path in files],
        [_table(connection, sheet) for sheet in sheets if sheet.name in PRINTED],
    )


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
        Restated(str(account), payer, str(code), *map(Decimal, map(str, amounts)))
        for account, payer, code, *amounts, _ in totals.rows(connection)
        if amounts[3] != "0.00"
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
