"""A plan says what a backfill would recompute, and changes nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import backfill, cli
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
    of_dates = [model for model in found.models if model.unit == "business_date"]
    assert {model.rows for model in of_dates} == {0} and len(of_dates) > 5


def test_only_the_selected_models_are_planned(published: Home) -> None:
    found = backfill.plan(published, DAY, DAY, "fct_claims agg_gmv_daily")
    assert [model.model for model in found.models] == ["fct_claims", "agg_gmv_daily"]
    with pytest.raises(UsageError, match="no_model"):
        backfill.plan(published, DAY, DAY, "fct_claims no_model")


def test_a_record_that_a_power_cut_has_torn_estimates_nothing(home: Home) -> None:
    whole = backfill.plan(home, DAY, DAY).seconds
    (home.logs / "runs" / "torn.json").write_text('{"run_id": "to')
    assert backfill.plan(home, DAY, DAY).seconds == whole


def test_an_empty_range_is_refused(published: Home) -> None:
    with pytest.raises(UsageError, match="holds no date"):
        backfill.plan(published, DAY, date(2021, 7, 31))


def test_what_other_code_has_built_is_not_planned_with(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:  # as before a mart was added
        connection.execute("drop table sales.agg_region_sales_daily")
    with pytest.raises(UsageError, match="`anxin run` first"):
        backfill.plan(home, DAY, DAY)


def test_months_that_are_closed_now_are_named(home: Home) -> None:
    assert backfill.plan(home, DAY, DAY).closed_periods == []
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into raw.period_closes by name"
            " select *, 'accounting' as closed_by, false as is_forced, now() as recorded_at"
            " from (values ('2021-07', 'closed', 1), ('2021-08', 'closed', 2),"
            " ('2021-07', 'reopened', 3), ('2021-09', 'closed', 4))"
            " as closes (period, event, change_seq)"
        )
    assert backfill.plan(home, date(2021, 7, 31), DAY).closed_periods == ["2021-08"]


def test_the_command_prints_the_plan_and_leaves_every_file_of_data_as_it_is(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANXIN_HOME", str(home.root))
    before = data(home)
    for json_output in (True, False):
        cli.backfill(
            from_date=datetime(2021, 8, 1),  # noqa: DTZ001 (a date)
            to_date=datetime(2021, 8, 8),  # noqa: DTZ001 (a date)
            select=None,
            plan=True,
            wait=0,
            json_output=json_output,
        )
    assert data(home) == before
    printed = capsys.readouterr().out
    found = json.loads(printed.splitlines()[0])
    assert (found["dates"], found["closed_periods"]) == (["2021-08-01"], [])
    assert sum(model["rows"] for model in found["models"]) > 0
    assert "nothing was changed" in printed


def data(home: Home) -> dict[str, str]:
    """The hash of every file of a home that is neither a log nor dbt's."""
    apart = {home.logs, home.dbt_target.parent, home.lock_file}
    return {
        path.relative_to(home.root).as_posix(): digest(path)
        for path in home.root.rglob("*")
        if path.is_file() and not apart & {path, *path.parents}
    }
