"""A right's rule changes on a date: the seed gets a row, and what it governs is judged anew."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration import pipeline, transform
from orchestration.home import Home
from tests.other_project import copied_project

pytestmark = pytest.mark.whole

CHANGED_FROM = "2021-07-01"
DAYS = 3
"""From then on goods go back without a reason within three days of receipt, not seven."""


@pytest.fixture(scope="module")
def both(
    small_home: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of the published files by the rules of before (`before`) and of now (`now`)."""
    folder = tmp_path_factory.mktemp("rules")
    project = copied_project(folder / "project")
    change_rule(project / "seeds" / "right_rules.csv")
    home = Home(Path(shutil.copytree(small_home.root, folder / "home")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "PROJECT", project)
        assert pipeline.run(home).outcome == "published"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{small_home.published}' as before (read_only)")
        connection.execute(f"attach '{home.published}' as now (read_only)")
        yield connection


def change_rule(seed: Path) -> None:
    """Add the rule of R2 that is in force from the date on."""
    with seed.open(newline="", encoding="utf-8") as file:
        rules = list(csv.DictReader(file))
    (rule,) = (rule for rule in rules if rule["right_code"] == "R2")
    rules.append({**rule, "valid_from": CHANGED_FROM, "window_value": str(DAYS)})
    with seed.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rules[0])
        writer.writeheader()
        writer.writerows(rules)


def judged(both: duckdb.DuckDBPyConnection, side: str, when: str) -> list[tuple[object, ...]]:
    """Claims under R2 with their window in days and whether they came inside it."""
    return both.execute(
        "select distinct date_diff('day', lines.received_at, window_ends_at),"
        " is_inside_window = (applied_at <= window_ends_at), count(*)"
        f" from {side}.core.fct_claims as claims"
        f" inner join {side}.core.fct_order_lines as lines using (line_id)"
        f" where right_code = 'R2' and claims.paid_date {when} and window_ends_at is not null"
        " group by all"
    ).fetchall()


def test_the_rule_in_force_when_the_order_was_paid_judges(both: duckdb.DuckDBPyConnection) -> None:
    ((days, is_consistent, old),) = judged(both, "now", f"< '{CHANGED_FROM}'")
    assert (days, is_consistent) == (7, True)
    ((days, is_consistent, new),) = judged(both, "now", f">= '{CHANGED_FROM}'")
    assert (days, is_consistent) == (DAYS, True)
    assert min(int(str(old)), int(str(new))) > 50
    ((days, *_),) = judged(both, "before", f">= '{CHANGED_FROM}'")
    assert days == 7


def test_only_what_the_rule_governs_is_restated(both: duckdb.DuckDBPyConnection) -> None:
    tables = both.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'now'"
        " and schema_name not in ('meta', 'changes') order by all"
    ).fetchall()
    assert len(tables) > 50
    changed = {
        table
        for (table,) in tables
        if both.execute(
            f"(from now.{table} except all from before.{table})"
            f" union all (from before.{table} except all from now.{table}) limit 1"
        ).fetchall()
    }
    assert changed == {
        "core.dim_rights",
        "core.fct_claims",
        "claims.agg_claims_daily",
        "claims.agg_claims_served_daily",
    }
    claims = both.execute(
        "select distinct right_code, paid_date >= $1 from"
        " (from now.core.fct_claims except from before.core.fct_claims)",
        [CHANGED_FROM],
    ).fetchall()
    assert claims == [("R2", True)]


def test_late_claims_are_no_longer_eligible(both: duckdb.DuckDBPyConnection) -> None:
    too_late = both.execute(
        "select count(*) from before.core.fct_claims where right_code = 'R2' and is_eligible"
        f" and paid_date >= '{CHANGED_FROM}'"
        f" and applied_at > window_ends_at - interval {7 - DAYS} day"
    ).fetchone()
    fewer = both.execute(
        "select (select sum(eligible_count) from before.claims.agg_claims_daily)"
        " - (select sum(eligible_count) from now.claims.agg_claims_daily)"
    ).fetchone()
    assert too_late == fewer
    assert too_late is not None
    assert too_late[0] > 10


def test_a_part_that_is_built_first_gets_the_seeds_and_views_of_the_whole_run(
    small_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied_project(tmp_path / "project")
    for file, before, after in (
        ("seeds/right_payers.csv", "R3,2015-01-01,platform", "R3,2015-01-01,creator"),
        ("models/staging/native/stg_native__fund_flows.sql", "fund_flows.scene", "7 as scene"),
    ):
        text = (project / file).read_text(encoding="utf-8")
        assert text.count(before) == 1
        (project / file).write_text(text.replace(before, after), encoding="utf-8")
    monkeypatch.setattr(transform, "PROJECT", project)
    home = Home(Path(shutil.copytree(small_home.root, tmp_path / "home")))
    part = "int_refund_entitlements int_fund_flows_current"
    assert pipeline.run(home, select=part).outcome == "incomplete"
    assert pipeline.run(home).outcome == "published"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select distinct payer from intermediate.int_refund_entitlements"
            " where right_code = 'R3' union all"
            " select distinct scene::varchar from intermediate.int_fund_flows_current"
        ).fetchall()
    assert found == [("creator",), ("7",)]
