"""Small worlds of values: rows of any entity of the raw contract, made to collide.

An id column takes its values from one small space per column name, so lines find orders and
claims find lines. Times crowd around midnight in the business zone. What the contract's checks
refuse is dropped when it is delivered, as the loader would.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from orchestration.ingestion.contract import Column, Entity

Row = tuple[Any, ...]
"""Values in the order of the contract's columns."""

FIRST_DAY = date(2021, 8, 1)
DAYS = 3

_IDS = {"order_id": 4, "line_id": 5, "claim_id": 4, "product_id": 3, "session_id": 2}
_FEW = 2
"""Ids of a kind that is not named above."""

_VALUES: dict[str, tuple[Any, ...]] = {
    "currency_code": ("CNY", "CNY", "GBP"),
    "category_id": ("fresh", "beauty", "nosuch"),
    "right_code": (None, "R2", "R3", "R5", "R6", "R7"),
    "claim_type": (0, 3),
    "claim_status": (12, 14),
    "refund_status": (3, 3, 1, None),
    "city": ("上海", None),
    "freight_amount": (0, 100, 7),
    "order_status": (105, 5),
    "channel": ("live", "video", "unknown"),
    "promotion_amount": (None,),
    "promotion_shop_amount": (None,),
    "promotion_platform_amount": (None,),
    "promotion_creator_amount": (None,),
}
_AMOUNTS = (10_000, 0, 1, 333, 100_000_000)
_COUNTS = (1, 0, 7)


def moments() -> tuple[datetime, ...]:
    """Times in UTC: on each day noon, and the last second before midnight in Shanghai and after."""
    starts = [
        datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=day)
        for day in range(DAYS)
    ]
    seconds = (12 * 3600, 16 * 3600 - 1, 16 * 3600)
    return tuple((at + timedelta(seconds=s)).replace(tzinfo=None) for at in starts for s in seconds)


def rows(entity: Entity, prefix: str, smallest: int = 1) -> st.SearchStrategy[list[Row]]:
    """Up to four versions; the ids of another source than native carry its prefix."""
    columns = [st.sampled_from(values(entity, column, prefix)) for column in entity.columns]
    return st.lists(st.tuples(*columns), min_size=smallest, max_size=4)


def values(entity: Entity, column: Column, prefix: str) -> tuple[Any, ...]:
    """The values that a column takes; the simplest comes first."""
    if column.name in _VALUES:
        found = _VALUES[column.name]
    elif column.personal:
        found = (None,)
    elif column.id or column.key or column.person:
        stem = column.name.removesuffix("_id")
        ids = tuple(f"{prefix}{stem}{n}" for n in range(_IDS.get(column.name, _FEW)))
        return ids if column.required else (*ids, None)
    elif column.enum:
        found = column.enum[:3]
    elif column.type == "timestamp":
        found = moments()
    elif column.type == "date":
        found = tuple(FIRST_DAY + timedelta(days=day) for day in range(DAYS))
    elif column.type == "bigint":
        found = _AMOUNTS if column.name.endswith("_amount") else _COUNTS
        found = tuple(max(value, column.min or 0) for value in found)
    elif column.type == "boolean":
        found = (False, True)
    else:
        found = ("甲", "乙")
    if column.required:
        return tuple(value for value in found if value is not None)
    return found if None in found else (*found, None)
