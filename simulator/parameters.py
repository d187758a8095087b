"""What a simulated history is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

FULL_SCALE_LINES = 100_000_000
"""Order lines of the platform that the published figures speak of."""
SHANGHAI = timedelta(hours=8)
"""Offset of the platform's business time from UTC, all year round."""


@dataclass(frozen=True)
class Parameters:
    """Size, seed and span of a history.

    Attributes:
        lines: Order lines from the first to the last day.
        seed: Another seed gives other data with the same ratios.
        from_date: First business date.
        to_date: Last business date.
        days: How many of the last days are delivered day by day; earlier ones come by month.
        is_clean: Without faults in the files and breaks in the money trail.
    """

    lines: int
    seed: int
    from_date: date = date(2020, 1, 1)
    to_date: date = date(2021, 8, 31)
    days: int = 7
    is_clean: bool = False

    @property
    def scale(self) -> float:
        """Share of the whole platform's lines."""
        return self.lines / FULL_SCALE_LINES

    @property
    def start_at(self) -> datetime:
        """UTC time of the first business date's beginning."""
        return utc(self.from_date)

    @property
    def end_at(self) -> datetime:
        """UTC time of the last business date's end; events count before it."""
        return utc(self.to_date + timedelta(days=1))

    @property
    def first_daily_date(self) -> date:
        """The first business date that is delivered on its own."""
        return self.to_date - timedelta(days=self.days - 1)


def utc(day: date) -> datetime:
    """Return the UTC time (without a zone, as DuckDB's timestamp) at which a day begins."""
    return datetime.combine(day, time()) - SHANGHAI


BEGINNING = utc(date(1970, 1, 1))
"""Before everything that happens."""
