"""What Dagster shows before anything has run."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.month_end import REPORT
from orchestration.defs.project import PUBLISHED, read_project
from orchestration.home import Home
from orchestration.ingestion.sources import load_sources

from .conftest import First

pytestmark = pytest.mark.whole


@pytest.fixture
def parsed(first: First, tmp_path: Path) -> Home:
    """A home that holds nothing but the manifest of the dbt project."""
    home = Home(tmp_path / "parsed")
    home.dbt_target.mkdir(parents=True)
    for name in ("manifest.json", "manifest.code"):
        shutil.copy(first.home.dbt_target / name, home.dbt_target)
    return home


def test_lineage_leads_from_the_deliveries_of_every_source_to_the_published_marts(
    parsed: Home,
) -> None:
    graph = build_definitions(parsed).resolve_asset_graph()
    ancestors = graph.get_ancestor_asset_keys(PUBLISHED)
    for source in load_sources():
        assert dg.AssetKey([source, "deliveries"]) in ancestors
    for path in (["native", "orders"], ["staging", "stg_native__orders"], ["core", "fct_orders"]):
        assert dg.AssetKey(path) in ancestors
    assert graph.get(PUBLISHED).child_keys == {REPORT}


def test_raw_assets_are_the_sources_that_dbt_reads(parsed: Home) -> None:
    graph = build_definitions(parsed).resolve_asset_graph()
    staging = graph.get(dg.AssetKey(["staging", "stg_native__orders"]))
    assert dg.AssetKey(["native", "orders"]) in staging.parent_keys
    assert all(graph.get(key).is_executable for key in staging.parent_keys)


def test_every_data_test_of_a_model_is_a_check_and_severe_ones_block(parsed: Home) -> None:
    project = read_project(parsed)
    graph = build_definitions(parsed).resolve_asset_graph()
    assert project.checks
    for spec in project.checks.values():
        assert graph.get_check_spec(spec.key).blocking == spec.blocking
    grain = dg.AssetCheckKey(dg.AssetKey(["core", "fct_orders"]), "grain_fct_orders_order_id")
    assert graph.get_check_spec(grain).blocking


def test_a_test_over_several_models_belongs_to_the_one_furthest_downstream(parsed: Home) -> None:
    project = read_project(parsed)
    name = "assert_daily_gmv_adds_up_to_paid_lines"
    check = next(spec for spec in project.checks.values() if spec.name == name)
    assert check.asset_key == dg.AssetKey(["sales", "agg_gmv_daily"])


def test_every_suite_on_the_marts_is_a_blocking_check_of_the_published_marts(
    parsed: Home,
) -> None:
    import expectations

    graph = build_definitions(parsed).resolve_asset_graph()
    for table in expectations.mart_modules():
        key = dg.AssetCheckKey(PUBLISHED, table.rpartition(".")[2])
        assert graph.get_check_spec(key).blocking, table


def test_every_table_says_what_one_row_is(parsed: Home) -> None:
    graph = build_definitions(parsed).resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    tables = [node for node in nodes if node.group_name not in ("staging", "seeds")]
    silent = [n.key for n in tables if not (n.description or "").startswith("One row")]
    assert not silent


def test_the_published_marts_are_expected_every_day(parsed: Home) -> None:
    graph = build_definitions(parsed).resolve_asset_graph()
    policy = graph.get(PUBLISHED).freshness_policy
    assert policy is not None
    assert policy.timezone == "Asia/Shanghai"


def test_loading_the_definitions_opens_no_database_and_runs_no_dbt(parsed: Home) -> None:
    build_definitions(parsed).resolve_asset_graph()
    files = {path.name for path in parsed.root.rglob("*") if path.is_file()}
    assert files == {"manifest.json", "manifest.code"}


def test_schedules_follow_shanghai_and_start_switched_off(parsed: Home) -> None:
    schedules = build_definitions(parsed).schedules or ()
    found = {s.name: s for s in schedules if isinstance(s, dg.ScheduleDefinition)}
    assert found["daily"].cron_schedule == "30 4 * * *"
    assert {"daily", "hourly_livestream", "weekly_pruning"} == set(found)
    for schedule in found.values():
        assert schedule.execution_timezone == "Asia/Shanghai"
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


def test_the_instance_sends_no_telemetry_and_keeps_everything_below_the_home(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
        assert Path(instance.storage_directory()).is_relative_to(home.dagster)
        assert Path(instance.root_directory) == home.dagster


def test_a_configuration_that_was_edited_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.dagster.mkdir(parents=True)
    config = home.dagster / "dagster.yaml"
    config.write_text("telemetry: {enabled: false}\n")
    with open_instance(home):
        assert config.read_text() == "telemetry: {enabled: false}\n"
