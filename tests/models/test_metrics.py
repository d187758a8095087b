"""Every metric gives what the marts say, day by day, currency by currency, to the fen."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.home import PROJECT, Home

Figures = dict[tuple[str, ...], dict[str, Decimal]]
"""By day (or month) and the other groups: the figures that are there and not zero."""

CLOSE = Decimal("1e-9")
"""How far quotients of doubles may differ; amounts and counts are equal."""
BY_DAY = ["metric_time__day", "currency"]
MARTS = (
    """
    select
        business_date, currency_code, placed_amount, placed_order_count, paid_order_count,
        paid_line_count, item_count, buyer_count, merchant_count, product_count, gmv_amount,
        refunded_amount, refund_count, cohort_refunded_amount, net_cash_amount, net_cohort_amount,
        gmv_amount / nullif(paid_order_count, 0) as average_order_value
    from sales.agg_sales_daily
    """,
    """
    select business_date, currency_code, count(*) as selling_creator_count
    from livestream.agg_creator_sales_daily
    where paid_line_count > 0 and creator_id <> 'none' group by all
    """,
    """
    select
        business_date, currency_code, sum(applied_count) as applied_count,
        sum(refused_count) as refused_count, sum(disputed_count) as disputed_count,
        sum(served_count) as served_count,
        sum(refused_count) / nullif(sum(applied_count), 0) as refusal_rate,
        sum(disputed_count) / nullif(sum(applied_count), 0) as dispute_rate
    from claims.agg_claims_daily group by all
    """,
    """
    select
        business_date, currency_code, sum(paid_order_count) as claimable_order_count,
        sum(returned_order_count) as returned_order_count,
        sum(quality_return_order_count) as quality_return_order_count,
        sum(impulse_refund_order_count) as impulse_refund_order_count,
        sum(returned_order_count) / sum(paid_order_count) as return_rate,
        sum(quality_return_order_count) / sum(paid_order_count) as quality_return_rate,
        sum(impulse_refund_order_count) / sum(paid_order_count) as impulse_refund_rate
    from claims.agg_return_rates_daily group by all
    """,
    """
    with sold as (
        select
            session_id, currency_code, sum(gmv_amount) as gmv, sum(cohort_refunded_amount) as back
        from livestream.agg_session_sales_daily group by all
    )
    select
        started_date, currency_code, count(*) as session_count,
        coalesce(sum(gmv), 0) as session_gmv_amount,
        coalesce(sum(back), 0) as session_refunded_amount,
        coalesce(sum(gmv - back), 0) as session_net_amount,
        sum(ad_cost_amount) as ad_cost_amount,
        sum(view_count) as view_count, sum(viewer_count) as session_viewer_count,
        sum(new_follower_count) as new_follower_count,
        coalesce(sum(gmv), 0)::double / nullif(sum(view_count), 0) * 1000 as gpm,
        coalesce(sum(gmv), 0)::double / nullif(sum(viewer_count), 0) as uv_value,
        coalesce(sum(gmv), 0)::double / nullif(sum(ad_cost_amount), 0) as roi
    from livestream.fct_livestream_sessions left join sold using (session_id, currency_code)
    group by all
    """,
)
SERVED = """
    select business_date, right_code, served_count, cumulative_served_count
    from claims.agg_claims_served_daily where business_date between '2021-08-10' and '2021-08-16'
"""
RETURNED = """
    select
        month_start_date, merchant_id, channel, paid_order_count as claimable_order_count,
        returned_order_count, return_rate, quality_return_rate
    from claims.agg_return_rates_monthly
"""


@pytest.fixture(scope="module")
def project(small_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the semantic manifest that the run of the home wrote."""
    folder = tmp_path_factory.mktemp("metrics")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder)
    (folder / "target").mkdir()
    shutil.copy(small_home.dbt_target / "semantic_manifest.json", folder / "target")
    return folder


@pytest.fixture(scope="module")
def metrics(project: Path) -> list[str]:
    """The names of all metrics."""
    text = (project / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
    return sorted(metric["name"] for metric in json.loads(text)["metrics"])


@pytest.fixture(scope="module")
def marts(small_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of the published file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{small_home.published}' as marts (read_only)")
        connection.execute("use marts")
        yield connection


def queried(
    project: Path, home: Home, metrics: list[str], groups: list[str], *more: str
) -> Figures:
    """Ask metrics as users do, with `mf query`."""
    found = project / "found.csv"
    asked = ["--metrics", ",".join(metrics), "--group-by", ",".join(groups), *more]
    done = subprocess.run(
        [Path(sys.executable).with_name("mf"), "query", *asked, "--csv", found],
        cwd=project,
        env={**os.environ, "ANXIN_HOME": str(home.root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with found.open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    return figures(
        (metrics_in(groups, found), [[row[0].partition(" ")[0], *row[1:]] for row in rows]),
        len(groups),
    )


def metrics_in(groups: list[str], file: Path) -> list[str]:
    """The columns of a result beside the groups, in their order."""
    with file.open(newline="", encoding="utf-8") as lines:
        return next(csv.reader(lines))[len(groups) :]


def selected(marts: duckdb.DuckDBPyConnection, query: str, groups: int) -> Figures:
    """Ask a mart."""
    cursor = marts.execute(query)
    names = [column[0] for column in cursor.description or ()][groups:]
    rows = [["" if value is None else str(value) for value in row] for row in cursor.fetchall()]
    return figures((names, rows), groups)


def figures(table: tuple[list[str], list[list[str]]], groups: int) -> Figures:
    """Rows by their groups; what is absent and what is zero are the same."""
    names, rows = table
    found: Figures = {}
    for row in rows:
        values = zip(names, row[groups:], strict=True)
        given = {name: Decimal(value) for name, value in values if value not in ("", "nan")}
        kept = {name: value for name, value in given.items() if value}
        if kept:
            found[tuple(row[:groups])] = kept
    return found


def differences(found: Figures, expected: Figures, metrics: list[str]) -> list[str]:
    """Figures that differ; a quotient may do so in its last digits."""
    wrong = []
    for key in sorted({*found, *expected}):
        for name in metrics:
            one, other = (side.get(key, {}).get(name, Decimal()) for side in (found, expected))
            allowed = CLOSE * abs(other) if name.endswith(("_rate", "_value", "gpm", "roi")) else 0
            if abs(one - other) > allowed:
                wrong.append(f"{name} of {key}: {one} instead of {other}")
    return wrong


@pytest.fixture(scope="module")
def by_day(project: Path, small_home: Home, metrics: list[str]) -> Figures:
    """All metrics but the cumulative one, in one query."""
    plain = [name for name in metrics if not name.startswith("cumulative_")]
    return queried(project, small_home, plain, BY_DAY)


def test_every_metric_is_that_of_its_mart(
    marts: duckdb.DuckDBPyConnection, by_day: Figures, metrics: list[str]
) -> None:
    compared: set[str] = {"cumulative_served_count"}
    for query in MARTS:
        expected = selected(marts, query, len(BY_DAY))
        of_mart = {name for row in expected.values() for name in row}
        assert differences(by_day, expected, sorted(of_mart)) == []
        compared |= of_mart
    assert compared == set(metrics)
    assert len(by_day) > 100


def test_a_mart_that_says_something_else_is_noticed(
    marts: duckdb.DuckDBPyConnection, by_day: Figures
) -> None:
    query = "select business_date, currency_code, gmv_amount + 0.01 as gmv_amount"
    raised = selected(marts, f"{query} from sales.agg_sales_daily", len(BY_DAY))
    assert len(differences(by_day, raised, ["gmv_amount"])) == len(raised)


def test_claims_served_add_up_by_right(
    project: Path, small_home: Home, marts: duckdb.DuckDBPyConnection
) -> None:
    names = ["served_count", "cumulative_served_count"]
    span = ("--start-time", "2021-08-10", "--end-time", "2021-08-16")
    found = queried(project, small_home, names, ["metric_time__day", "consumer_right"], *span)
    expected = selected(marts, SERVED, 2)
    assert expected
    served = {key: row for key, row in found.items() if "served_count" in row}
    assert differences(served, expected, names) == []


def test_return_rates_are_those_of_the_month(
    project: Path, small_home: Home, marts: duckdb.DuckDBPyConnection
) -> None:
    names = ["claimable_order_count", "returned_order_count", "return_rate", "quality_return_rate"]
    groups = ["metric_time__month", "merchant", "channel"]
    found = queried(project, small_home, names, groups)
    expected = selected(marts, RETURNED, len(groups))
    assert expected
    assert differences(found, expected, names) == []
