"""Every metric gives what the marts say, by the same groups, to the fen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.home import Home
from tests.models.metrics import BY_DAY, COMPARED, TIERS, Compared, Semantics

NO_TIERS = [
    f"over_{tier}_{thing}_count" for tier in ("100m", "10m", "1m") for thing in ("room", "session")
]
NOT_SHOWN = {
    "tiers": NO_TIERS,
    "growth of categories": [
        f"{thing}_year_on_year_growth" for thing in ("gmv", "item", "product")
    ],
    "growth of all": [f"{thing}_year_on_year_growth" for thing in ("buyer", "merchant")],
    "growth of profiles": [f"{thing}_year_on_year_growth" for thing in ("buyer", "gmv")],
    "scores": [f"merchant_{part}score" for part in ("goods_", "logistics_", "", "service_")],
    "scores of the month": ["merchant_score", "scored_merchant_count"],
    "reputation": ["creator_partners_score"],
    "chains": ["unpaid_amount"],
    "breaks": ["break_amount", "break_count", "open_break_amount", "open_break_count"],
}
"""Metrics of which the small platform, four months without faults, has nothing."""


@pytest.fixture(scope="module")
def small(small_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Semantics:
    """Ask the small platform."""
    return Semantics.of(small_home, tmp_path_factory.mktemp("metrics"))


def test_metrics_are_those_of_their_marts(small: Semantics) -> None:
    assert small.differences(COMPARED) == {
        subject: ([], NOT_SHOWN.get(subject, [])) for subject in COMPARED
    }


def test_every_metric_is_compared(small: Semantics) -> None:
    compared = {
        name
        for subject in COMPARED.values()
        for name in small.selected(subject.query, len(subject.groups))[0]
    }
    assert compared == set(small.metrics())


def test_a_mart_that_says_something_else_is_noticed(small: Semantics) -> None:
    sales = "select business_date, currency_code, gmv_amount + 0.01 as gmv_amount"
    raised = Compared(BY_DAY, f"{sales} from sales.agg_sales_daily")
    ((wrong, _),) = small.differences({"raised": raised}).values()
    assert len(wrong) == len(small.selected(raised.query, len(BY_DAY))[1]) > 100


def test_the_command_answers(small: Semantics) -> None:
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("mf"), "query", "--metrics", "gmv_amount,return_rate"),
            *("--group-by", "metric_time__month,currency,channel"),
        ],
        cwd=small.folder,
        env={**os.environ, "ANXIN_HOME": str(small.home.root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2021-06-01" in done.stdout


def test_sessions_of_every_tier_count_in_those_below(small: Semantics, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.published.parent.mkdir()
    shutil.copy(small.home.published, home.published)
    with duckdb.connect(str(home.published)) as connection:
        known = connection.execute("select session_tier from livestream.dim_session_tiers")
        tiers = sorted((tier for (tier,) in known.fetchall()), key=len)
        connection.execute(
            "update livestream.fct_livestream_sessions set session_tier = $tiers"
            "[(hash(session_id) % 4)::bigint]",
            {"tiers": tiers},
        )
    reached = """
        select
            date_trunc('month', started_date)::date as month, currency_code,
            count(*) filter (where level >= 1) as over_1m_session_count,
            count(*) filter (where level >= 2) as over_10m_session_count,
            count(*) filter (where level >= 3) as over_100m_session_count,
            count(distinct creator_id) filter (where level >= 1) as over_1m_room_count,
            count(distinct creator_id) filter (where level >= 2) as over_10m_room_count,
            count(distinct creator_id) filter (where level >= 3) as over_100m_room_count
        from (
            select *, (hash(session_id) % 4)::bigint as level
            from livestream.fct_livestream_sessions
        )
        group by all
    """
    asked = Semantics(home, small.folder).differences({"tiers": Compared(TIERS.groups, reached)})
    assert asked == {"tiers": ([], [])}


@pytest.mark.whole
def test_metrics_are_those_of_their_marts_over_twenty_months_with_faults(
    faulty_home: Home, tmp_path: Path
) -> None:
    not_shown = {"tiers": NO_TIERS}
    assert Semantics.of(faulty_home, tmp_path).differences(COMPARED) == {
        subject: ([], not_shown.get(subject, [])) for subject in COMPARED
    }
