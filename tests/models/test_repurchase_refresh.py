"""Which windows a first order that comes late, or goes, makes complete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from orchestration import transform
from orchestration.home import Home

WINDOWS = (30, 90, 180)
LAST = date(2021, 12, 31)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(["2021-01-01"], ["2020-12-22", "2021-01-01"], id="a first order comes late"),
        pytest.param(["2020-12-22", "2021-01-01"], ["2021-01-01"], id="the first order goes"),
        pytest.param(["2021-05-01"], ["2020-12-01", "2021-02-01", "2021-05-01"], id="two come"),
        pytest.param(["2021-01-01"], ["2021-05-01"], id="the only order moves"),
    ],
)
def test_every_date_whose_windows_become_complete_is_affected(
    built_home: Home, before: list[str], after: list[str]
) -> None:
    changed = sorted(set(before) ^ set(after))
    with duckdb.connect() as connection:
        for name, dates in (("changes", changed), ("fct_customer_orders", after)):
            connection.execute(
                f"create table {name} as select 'native' as source, unnest($1)::date as paid_date",
                [dates],
            )
        affected = {row[0] for row in connection.execute(_mapping(built_home)).fetchall()}
    differing = _complete(min(before)) ^ _complete(min(after))
    assert differing, "nothing differs"
    assert {day for day, _ in differing} <= affected


def _mapping(home: Home) -> str:
    node = transform.manifest(home)["nodes"]["model.anxin.agg_repurchase_daily"]
    return str(node["config"]["meta"]["restate"]["affected_by"]["fct_customer_orders"])


def _complete(first: str) -> set[tuple[date, int]]:
    """Windows that don't begin before a first order, by their last day and length."""
    return {
        (day, window)
        for day in _days(date.fromisoformat(first))
        for window in WINDOWS
        if day - timedelta(days=window - 1) >= date.fromisoformat(first)
    }


def _days(first: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((LAST - first).days + 1))
