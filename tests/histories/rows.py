"""Small worlds of values: rows of any entity of the raw contract, made to collide.

Rows come from a `Random`, so a history draws one seed per file. An id column takes its values from
one small space per column name, so lines find orders and claims find lines. Times crowd around
midnight in the business zone. What the contract's checks refuse is dropped when it is delivered,
as the loader would.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from orchestration.home import PROJECT
from orchestration.ingestion.contract import Column, Entity

Row = tuple[Any, ...]
"""Values in the order of the contract's columns."""

FIRST_DAY = date(2021, 8, 1)
DAYS = 5
VERSION_DAYS = 2
"""Versions crowd into the first days, so that they collide."""

DELIVERED = tuple(FIRST_DAY + timedelta(days=day) for day in (0, 1, 16, 34))
"""Days under which files are filed: by the third, the first days are mature; by the last one, they
have left the windows of 30 days."""

REFUNDED = 3

_IDS = {
    "order_id": 4,
    "line_id": 6,
    "claim_id": 6,
    "product_id": 3,
    "session_id": 2,
    "refund_order_id": 4,
    "bill_line_id": 4,
    "fund_flow_id": 4,
}
_FEW = 2
"""Ids of a kind that is not named above."""

_NULLS = {("claims", "line_id"): 6, ("orders", "paid_at"): 4}
"""How many of a column's choices are null, where it is more than one."""

_VALUES: dict[str, tuple[Any, ...]] = {
    "currency_code": ("CNY", "CNY", "GBP"),
    "category_id": ("fresh", "beauty", "nosuch"),
    "right_code": (None, "R2", "R3", "R4", "R5", "R6", "R7"),
    "claim_type": (0, 3, 1),
    "reason": ("quality", "甲"),
    "blame": (1, 2),
    "review_level": ("bad", "good"),
    "claim_status": (12, 14),
    "refund_status": (REFUNDED, REFUNDED, 1, None),
    "city": ("上海", None),
    "freight_amount": (0, 100, 7),
    "order_status": (105, 5),
    "pay_channel": ("wechat", "alipay"),
    "account_id": ("wechat-1600488812", "alipay-2088631527"),
    "pay_type": (1, 2, 8),
    "line_type": ("refund", "refund", "refund", "return"),
    "bill_status": ("SUCCESS", "SUCCESS", "PROCESSING", "FAIL"),
    "attempt_number": (1, 2),
    "scene": (25, 28, 37, 23, 15),
    "payer": ("merchant", "platform"),
    "account_holder": ("merchant", "platform"),
    "promotion_amount": (None,),
    "promotion_shop_amount": (None,),
    "promotion_platform_amount": (None,),
    "promotion_creator_amount": (None,),
    "freight_origin_amount": (None,),
    "total_promotion_amount": (None,),
    "platform_cost_amount": (None,),
}
_LATER = {"paid_at": "created_at", "ended_at": "started_at"}
_DELAYS = (timedelta(), timedelta(), timedelta(seconds=1), timedelta(days=1))
_AMOUNTS = (10_000, 0, 1, 333, 100_000_000)
_COUNTS = (1, 0, 7)


@cache
def _seeded() -> dict[str, tuple[Any, ...]]:
    """For columns that seeds have too: some of their values there, and one that they lack."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted((PROJECT / "seeds").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        for name in rows[0]:
            values = dict.fromkeys(row[name] for row in rows if row[name])
            found.setdefault(name, (*list(values)[:3], "nosuch"))
    return found


def moments(days: int) -> tuple[datetime, ...]:
    """Times in UTC: around each midnight in Shanghai."""
    starts = [
        datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=day)
        for day in range(days)
    ]
    seconds = (16 * 3600 - 1, 16 * 3600)
    return tuple((at + timedelta(seconds=s)).replace(tzinfo=None) for at in starts for s in seconds)


def versions(entity: Entity, random: Random, count: int) -> tuple[Row, ...]:
    """Versions of random things."""
    return tuple(_version(entity, random, {}) for _ in range(count))


def broken(entity: Entity, row: Row, random: Random) -> Row:
    """The row with one value that the contract refuses."""
    ruled = [c for c in entity.columns if c.required or c.enum or c.min is not None]
    column = random.choice(ruled)
    if column.enum:
        value: Any = "broken" if column.type == "varchar" else -1
    else:
        value = None if column.min is None else column.min - 1
    position = entity.columns.index(column)
    return (*row[:position], value, *row[position + 1 :])


def one_of_each(entity: Entity, random: Random) -> tuple[Row, ...]:
    """One version of each thing that the small world has."""
    key = next(column for column in entity.columns if column.key)
    return tuple(
        _version(entity, random, {key.name: value}) for value in dict.fromkeys(values(entity, key))
    )


def _version(entity: Entity, random: Random, given: dict[str, Any]) -> Row:
    row = {c.name: random.choice(values(entity, c)) for c in entity.columns} | given
    for later, earlier in _LATER.items():
        if row.get(later) and row.get(earlier):
            row[later] = row[earlier] + random.choice(_DELAYS)
    if row.get("refund_status") == REFUNDED:
        row["refunded_at"] = row["refunded_at"] or row["applied_at"]
        row["refund_amount"] = row["refund_amount"] or 0
    return tuple(row.values())


def values(entity: Entity, column: Column) -> tuple[Any, ...]:
    """The values that a column takes; the simplest comes first."""
    nulls: list[Any] = [None] * _NULLS.get((entity.name, column.name), 1)
    if column.name in _VALUES:
        found = _VALUES[column.name]
    elif column.personal:
        found = (None,)
    elif column.id or column.person or column.name.endswith("_id"):
        stem = column.name.removesuffix("_id")
        ids = tuple(f"{stem}{n}" for n in range(_IDS.get(column.name, _FEW)))
        return ids if column.required else (*ids, *nulls)
    elif column.enum:
        found = (*column.enum[:3] * 2, *column.enum[3:])
    elif column.type == "timestamp":
        found = moments(VERSION_DAYS if column.name == entity.version else DAYS)
    elif column.type == "date":
        found = tuple(FIRST_DAY + timedelta(days=day) for day in range(DAYS))
    elif column.type == "bigint":
        found = _AMOUNTS if column.name.endswith("amount") else _COUNTS
        found = tuple(max(value, column.min or 0) for value in found)
    elif column.type == "boolean":
        found = (False, True)
    else:
        found = _seeded().get(column.name, ("甲", "乙"))
    if column.required:
        return tuple(value for value in found if value is not None)
    return found if None in found else (*found, *nulls)
