"""Which stretches of time are delivered together, and where their files lie."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from simulator.parameters import BEGINNING, Parameters, utc

FORMATS = {
    "orders": "csv",
    "order_lines": "parquet",
    "products": "jsonl",
    "merchants": "csv",
    "creators": "csv",
    "customers": "csv.gz",
    "livestream_sessions": "jsonl.zst",
    "claims": "jsonl",
    "right_enrolments": "csv",
    "livestream_traffic": "parquet",
    "disputes": "jsonl",
    "reviews": "csv.gz",
    "shipments": "parquet",
    "service_conversations": "jsonl.zst",
    "complaints": "csv",
    "violations": "csv",
    "ad_spend": "csv",
    "refund_orders": "jsonl.zst",
    "channel_bill_lines": "csv.gz",
    "fund_flows": "parquet",
    "insurance_policies": "csv.gz",
    "source_parameters": "csv",
}
"""Format of the daily files by feed; a month's file is always Parquet."""
PRUNED_DAYS = 100
"""Nothing changes later than so many days after it was created."""


@dataclass(frozen=True)
class Window:
    """A stretch of time whose changes come together.

    Attributes:
        index: Counts from 0, in order of time.
        after, until: UTC times.
        dt: The last business date of it.
        is_daily: Whether it is a single day.
        created_from: What was created before this date did not change in the window.
    """

    index: int
    after: datetime
    until: datetime
    dt: date
    is_daily: bool
    created_from: date | None


def windows(parameters: Parameters) -> list[Window]:
    """Return the months and then the days of a history; the first has all that was before."""
    first_daily = max(parameters.first_daily_date, parameters.from_date)
    begins = [parameters.from_date]
    while begins[-1] < first_daily:
        begins.append(min((begins[-1].replace(day=1) + timedelta(32)).replace(day=1), first_daily))
    days = (parameters.to_date - first_daily).days
    begins += [first_daily + timedelta(day) for day in range(1, days + 2)]
    return [
        Window(
            index=index,
            after=utc(begin) if index else BEGINNING,
            until=utc(end),
            dt=end - timedelta(1),
            is_daily=begin >= first_daily,
            created_from=begin - timedelta(PRUNED_DAYS) if index else None,
        )
        for index, (begin, end) in enumerate(itertools.pairwise(begins))
    ]


@dataclass(frozen=True)
class Cell:
    """What changed of an entity within a window, kept as a table because faults touch it.

    Attributes:
        rows: How many.
        allows_rows: Whether row faults may be planted; else file faults may.
    """

    entity: str
    window: Window
    rows: int
    allows_rows: bool

    @property
    def format(self) -> str:
        """Ending of the file's name, and how it is written."""
        return format_of(self.entity, self.window)

    def path(self, tag: str = "") -> str:
        """Return the path of a file of the cell, below a stage's folder."""
        return path_of(self.entity, self.window, tag)


def format_of(entity: str, window: Window) -> str:
    """Return the format of an entity's files in a window."""
    return FORMATS[entity] if window.is_daily else "parquet"


def path_of(entity: str, window: Window, tag: str = "") -> str:
    """Return the path of a file, below a stage's folder."""
    return f"{folder_of(entity, window.dt)}/{entity}{tag}.{format_of(entity, window)}"


def folder_of(entity: str, dt: date) -> str:
    """Return the folder of a feed's files of a date, below a stage's folder."""
    return f"native/{entity}/dt={dt.isoformat()}"


def draw(*parts: object) -> float:
    """Return a number from 0 to below 1 that depends on nothing but the parts."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
