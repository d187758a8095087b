"""Months, and what has been decided about them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orchestration.home import UsageError

SOFT_CLOSED, CLOSED, REOPENED, OPEN = "soft_closed", "closed", "reopened", "open"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`.

        Raises:
            UsageError: It is no month.
        """
        match = _MONTH.fullmatch(text)
        if not match or match[1] in ("0000", "9999"):
            raise UsageError(f"{text!r} is no month of the form YYYY-MM")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Write `YYYY-MM`."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first date."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last date."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)


@dataclass(frozen=True)
class Decision:
    """One event of a month in `raw.period_closes`."""

    period: str
    event: str
    change_seq: int
    closed_by: str
    reason: str | None
    is_forced: bool
    posting_count: int | None
    posting_sha256: str | None
    recorded_at: datetime


def decisions(connection: duckdb.DuckDBPyConnection) -> dict[str, Decision]:
    """Return the newest event of every month that has one, by month.

    Args:
        connection: To the warehouse; one that knows no closes has none.
    """
    return {found.period: found for found in _events(connection)}


def _events(connection: duckdb.DuckDBPyConnection) -> list[Decision]:
    """Return all events in their order."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database()"
        " and schema_name = 'raw' and table_name = 'period_closes'"
    ).fetchone()
    if not known or not known[0]:
        return []
    rows = connection.execute(
        "select period, event, change_seq, closed_by, reason, is_forced, posting_count,"
        " posting_sha256, recorded_at from raw.period_closes order by change_seq"
    ).fetchall()
    return [Decision(*row) for row in rows]


def close_numbered(
    connection: duckdb.DuckDBPyConnection, month: Month, change_seq: int
) -> Decision:
    """Return a hard close of a month by its number, also of a month that was reopened since.

    Raises:
        UsageError: The month has no such close.
    """
    events = (found for found in _events(connection) if found.period == str(month))
    closes = [found for found in events if found.event == CLOSED]
    for found in closes:
        if found.change_seq == change_seq:
            return found
    known = ", ".join(str(found.change_seq) for found in closes) or "none"
    raise UsageError(f"{month} has no close with the number {change_seq}; there is {known}")


def state(found: dict[str, Decision], month: Month) -> str:
    """Return open, soft_closed or closed."""
    decision = found.get(str(month))
    return OPEN if decision is None or decision.event == REOPENED else decision.event


def newest_close(connection: duckdb.DuckDBPyConnection) -> Decision | None:
    """Return the latest close of a month that is still closed."""
    closed = [found for found in decisions(connection).values() if found.event == CLOSED]
    return max(closed, key=lambda decision: decision.change_seq, default=None)
