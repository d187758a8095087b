"""Drawn values that depend on nothing but their key, and the demo's calendar.

A draw is a hash of its key. So a change in one place leaves all other values as they are, and
every machine makes the same files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar

Option = TypeVar("Option")
Key = str | int

SHANGHAI = timezone(timedelta(hours=8))
DAYS = tuple(date(2021, 8, day) for day in range(1, 6))
"""Business dates of the daily files; the last one belongs to the second wave."""


def _number(key: tuple[Key, ...]) -> int:
    text = "/".join(map(str, key))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def draw(*key: Key) -> float:
    """Return a number from 0 to below 1."""
    return (_number(key) >> 11) / 2**53


def between(low: int, high: int, *key: Key) -> int:
    """Return a whole number from low to high, both included."""
    return low + int(draw(*key) * (high - low + 1))


def pick(options: Sequence[Option], *key: Key) -> Option:
    """Return one of the options, all equally likely."""
    return options[int(draw(*key) * len(options))]


def weigh(options: Sequence[tuple[Option, float]], *key: Key) -> Option:
    """Return one of the options by their weights."""
    point = draw(*key) * sum(weight for _, weight in options)
    for option, weight in options:
        point -= weight
        if point < 0:
            return option
    return options[-1][0]


def digits(prefix: str, length: int, *key: Key) -> str:
    """Return an id of digits, neither dense nor in order."""
    rest = length - len(prefix)
    return prefix + str(_number(("id", *key)) % 10**rest).zfill(rest)


def hexadecimal(length: int, *key: Key) -> str:
    """Return an id that looks like a hash."""
    text = "/".join(map(str, ("id", *key)))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def at(day: date, clock: str) -> datetime:
    """Return a time of a Shanghai day, for example `at(day, "19:30:00")`."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """Return the midnight that ends a Shanghai day."""
    return at(day, "00:00:00") + timedelta(days=1)


def later(moment: datetime, low: int, high: int, *key: Key) -> datetime:
    """Return a moment that lies low to high seconds later."""
    return moment + timedelta(seconds=between(low, high, *key))
