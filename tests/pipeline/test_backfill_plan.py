"""A plan says what a backfill would recompute, and changes nothing."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from orchestration import backfill
from orchestration.home import Home, UsageError
from tests.small_landing import DAYS

DAY = date.fromisoformat(DAYS[0])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_plan_counts_what_the_range_maps_to(published: Home) -> None:
    before = [digest(path) for path in (published.warehouse, published.published)]
    found = backfill.plan(published, DAY, DAY)
    assert found.dates == [DAY]
    rows = {model.model: (model.units, model.rows, model.table_rows) for model in found.models}
    assert rows["int_orders_current"] == rows["fct_orders"] == (3, 3, 3)
    assert rows["agg_sales_daily"][:2] == (1, 1)
    assert rows["dim_customers"][:2] == (0, 0)
    assert found.seconds is not None
    assert [digest(path) for path in (published.warehouse, published.published)] == before


def test_models_come_after_what_they_read(published: Home) -> None:
    names = [model.model for model in backfill.plan(published, DAY, DAY).models]
    assert names.index("int_orders_current") < names.index("fct_orders")
    assert names.index("fct_order_lines") < names.index("agg_gmv_daily")


def test_a_range_without_data_plans_no_rows(published: Home) -> None:
    found = backfill.plan(published, date(2019, 1, 1), date(2019, 1, 31))
    assert found.dates == []
    assert {model.rows for model in found.models} == {0}


def test_only_the_selected_models_are_planned(published: Home) -> None:
    found = backfill.plan(published, DAY, DAY, "fct_claims agg_gmv_daily")
    assert [model.model for model in found.models] == ["fct_claims", "agg_gmv_daily"]
    with pytest.raises(UsageError, match="no_model"):
        backfill.plan(published, DAY, DAY, "fct_claims no_model")
