"""Runs in this process: what they do, what stays on record, how they end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import date

import dagster as dg
import duckdb
import pytest

from orchestration.defs import session as sessions
from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.launch import execute
from orchestration.defs.project import PUBLISHED
from orchestration.defs.session import RunSession, is_transient
from orchestration.home import Home, UsageError
from orchestration.lock import LockTimeoutError, writer_lock
from orchestration.pipeline import AuditError
from orchestration.publishing import pause, read_generation
from orchestration.records import RunRecord
from orchestration.status import read_status
from tests.small_landing import DAYS, deliver_day

from .conftest import Events, First, run_job

pytestmark = pytest.mark.whole

Runs = Callable[[Home], list[dg.DagsterRun]]
ListEvents = Callable[..., Events]
FCT_ORDERS = dg.AssetKey(["core", "fct_orders"])
AUGUST: dict[str, object] = {"backfill": (date(2021, 8, 1), date(2021, 8, 2))}
NATIVE_DELIVERIES = dg.AssetKey(["native", "deliveries"])


@pytest.fixture(scope="module")
def backfilled(first: First, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunRecord]:
    """A home after a backfill of three dates."""
    home = Home(tmp_path_factory.mktemp("backfilled") / "home")
    shutil.copytree(first.home.root, home.root)
    days = date.fromisoformat(DAYS[0]), date.fromisoformat(DAYS[2])
    return home, execute(home, backfill=days, backfill_select="agg_sales_daily")


def materialized(events: Events) -> list[tuple[dg.AssetKey, str | None]]:
    """Keys and partitions of the materializations among events."""
    found = [event for event in events if event.event_type_value == "ASSET_MATERIALIZATION"]
    return [(event.asset_key, event.partition) for event in found if event.asset_key]


def generation_id(home: Home) -> int:
    """Number of the published generation."""
    found = read_generation(home.published)
    assert found is not None
    return found.generation_id


def test_a_run_publishes_and_is_on_record_as_a_run_of_the_job(
    first: First,
) -> None:
    run = first.published
    assert (run.job_name, run.status) == ("daily_refresh", dg.DagsterRunStatus.SUCCESS)
    published = read_generation(first.home.published)
    assert published is not None
    assert (published.generation_id, published.run_id) == (1, run.run_id)


def test_a_run_materializes_raw_tables_models_and_the_published_marts(
    first: First, events: ListEvents
) -> None:
    found = events(first.home, first.published.run_id)
    keys = {key for key, _ in materialized(found)}
    assert {dg.AssetKey(["native", "orders"]), FCT_ORDERS, PUBLISHED} <= keys
    (orders,) = [e for e in found if e.asset_key == FCT_ORDERS and e.is_step_materialization]
    assert orders.step_materialization_data.materialization.metadata["dagster/row_count"].value == 3


def test_a_run_of_the_whole_job_lets_later_ones_leave_out_views_and_seeds(
    first: First, backfilled: tuple[Home, RunRecord], events: ListEvents
) -> None:
    view, seed = (
        dg.AssetKey(["staging", "stg_native__orders"]),
        dg.AssetKey(["seeds", "categories"]),
    )
    built = {key for key, _ in materialized(events(first.home, first.published.run_id))}
    assert {view, seed, FCT_ORDERS} <= built
    home, record = backfilled
    built = {key for key, _ in materialized(events(home, record.run_id))}
    assert FCT_ORDERS in built
    assert not {view, seed} & built


def test_a_run_records_only_the_dates_that_it_touched(first: First, events: ListEvents) -> None:
    found = materialized(events(first.home, first.published.run_id))
    assert [(key, dt) for key, dt in found if dt] == [(NATIVE_DELIVERIES, DAYS[0])]


def test_audits_and_data_tests_are_recorded_as_checks_that_passed(
    first: First, events: ListEvents
) -> None:
    found = events(first.home, first.published.run_id, "ASSET_CHECK_EVALUATION")
    verdicts = {
        (e.asset_check_evaluation_data.asset_key, e.asset_check_evaluation_data.check_name): (
            e.asset_check_evaluation_data.passed
        )
        for e in found
    }
    assert verdicts[FCT_ORDERS, "grain_fct_orders_order_id"]
    assert verdicts[dg.AssetKey(["native", "orders"]), "batch_audits"]
    assert verdicts[PUBLISHED, "control_totals"]


def test_no_personal_value_is_in_dagsters_history(first: First) -> None:
    history = b"".join(
        path.read_bytes() for path in first.home.dagster.rglob("*") if path.is_file()
    )
    assert b"fct_orders" in history
    for value in (b"name-000001", b"phone-000001"):
        assert value not in history


def test_without_anything_new_a_run_is_green_says_so_and_skips_the_rest(
    home: Home, runs: Runs, events: ListEvents
) -> None:
    run_job(home)
    run = runs(home)[0]
    assert run.tags["anxin/outcome"] == "nothing_new"
    assert run.status == dg.DagsterRunStatus.SUCCESS
    skipped = {event.step_key for event in events(home, run.run_id, "STEP_SKIPPED")}
    assert skipped == {"build", "publish"}
    assert not materialized(events(home, run.run_id))
    assert generation_id(home) == 1


def test_the_command_starts_no_run_of_dagster_without_anything_new(home: Home, runs: Runs) -> None:
    before = runs(home)
    record = execute(home)
    counts = record.ingested
    assert record.outcome == "nothing_new"
    assert counts["unchanged"] == counts["files_seen"] > counts["loaded"] == 0
    assert runs(home) == before
    assert generation_id(home) == 1
    with writer_lock(home, "something else"), pytest.raises(LockTimeoutError):
        execute(home, wait=0)
    assert len(runs(home)) == len(before) + 1


def test_a_check_keeps_its_verdict_when_a_run_has_nothing_to_check(home: Home) -> None:
    run_job(home)
    key = dg.AssetCheckKey(PUBLISHED, "control_totals")
    with open_instance(home) as instance:
        history = instance.event_log_storage.get_asset_check_execution_history(key, limit=5)
    assert [record.status.value for record in history] == ["SUCCEEDED"]


def test_a_paused_home_is_not_built_and_the_run_is_green(home: Home, runs: Runs) -> None:
    deliver_day(home, DAYS[1])
    pause(home, 1, "rolled back for a test")
    record = execute(home)
    assert record.outcome == "paused"
    assert runs(home)[0].status == dg.DagsterRunStatus.SUCCESS
    assert generation_id(home) == 1


def spoil(home: Home) -> None:
    """Let an intermediate table disagree with what the marts are built from."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into intermediate.int_orders_current by name"
            " select * replace (order_id || '-again' as order_id)"
            " from intermediate.int_orders_current limit 1"
        )


def test_a_failed_critical_audit_fails_the_run_publishes_nothing_and_tells_why(
    home: Home, runs: Runs, events: ListEvents, posts: list[dict[str, str]]
) -> None:
    deliver_day(home, DAYS[1])
    spoil(home)
    with pytest.raises(AuditError, match="control_totals"):
        execute(home)
    run = runs(home)[0]
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert generation_id(home) == 1
    assert not home.marts_next.exists()
    evaluations = [
        event.asset_check_evaluation_data
        for event in events(home, run.run_id, "ASSET_CHECK_EVALUATION")
    ]
    failed = [e.check_name for e in evaluations if not e.passed and e.blocking]
    assert failed == ["control_totals"]
    assert PUBLISHED not in {key for key, _ in materialized(events(home, run.run_id))}
    (alert,) = posts
    assert (alert["run_id"], alert["job"]) == (run.run_id, "daily_refresh")
    assert "control_totals" in alert["message"]
    with writer_lock(home, "test", wait=0):
        pass


def test_the_text_of_a_foreign_error_reaches_the_caller_but_not_dagsters_history(
    home: Home, runs: Runs
) -> None:
    value = "-".join(["phone", "000001"])  # not in a line that a stack trace shows

    def break_off(_holder: object) -> None:
        raise ValueError(f"could not read {value}")

    with writer_lock(home, "test"), pytest.raises(ValueError, match=value):
        execute(home, on_wait=break_off)
    assert runs(home)[0].status == dg.DagsterRunStatus.FAILURE
    history = b"".join(path.read_bytes() for path in home.dagster.rglob("*") if path.is_file())
    assert b"ValueError" in history
    assert value.encode() not in history


def test_a_run_that_may_not_wait_fails_with_the_name_of_the_other_writer(
    home: Home, runs: Runs, events: ListEvents
) -> None:
    with writer_lock(home, "a long backfill"), pytest.raises(LockTimeoutError, match="a long"):
        execute(home, wait=0)
    run = runs(home)[0]
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert not events(home, run.run_id, "STEP_UP_FOR_RETRY")


def test_a_run_that_nobody_watches_tries_again_after_a_transient_failure(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "RETRY_SECONDS", 0.1)
    taken, freed = threading.Event(), threading.Event()
    waits: list[str] = []

    def hold() -> None:
        with writer_lock(home, "another writer"):
            taken.set()
            freed.wait(60)

    def told(holder: object) -> None:
        waits.append(str(holder))
        if len(waits) == 2:
            freed.set()

    other = threading.Thread(target=hold)
    other.start()
    taken.wait(60)
    definitions = build_definitions(
        home, lambda: RunSession(home, wait=0.2, retries=20, on_wait=told)
    )
    with open_instance(home) as instance:
        result = definitions.resolve_job_def("daily_refresh").execute_in_process(instance=instance)
    other.join()
    assert result.success
    assert [event for event in result.all_events if event.is_step_up_for_retry]


def test_only_what_may_pass_is_tried_again() -> None:
    assert is_transient(OSError("the disk is busy"))
    assert is_transient(duckdb.IOException("could not set the lock"))
    assert not is_transient(AuditError("3 critical audits failed"))
    assert not is_transient(ValueError("a bug"))


def test_a_backfill_of_three_dates_is_one_run_that_ends_green(
    backfilled: tuple[Home, RunRecord], first: First, runs: Runs
) -> None:
    home, record = backfilled
    found = [(run.job_name, run.status) for run in runs(home)]
    assert found[0] == ("backfill", dg.DagsterRunStatus.SUCCESS)
    assert len(found) == 1 + len(runs(first.home))
    assert record.outcome == "published"


def test_a_backfill_asks_for_the_range_and_records_its_dates(
    backfilled: tuple[Home, RunRecord], events: ListEvents
) -> None:
    home, record = backfilled
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        requests = connection.execute(
            "select from_date::varchar, to_date::varchar, selection from raw.recompute_requests"
        ).fetchall()
    assert requests == [(DAYS[0], DAYS[2], "agg_sales_daily")]
    found = materialized(events(home, record.run_id))
    assert {dt for key, dt in found if key == NATIVE_DELIVERIES} == set(DAYS)


def test_a_backfill_plans_events_for_its_dates_not_for_every_asset_and_date(
    backfilled: tuple[Home, RunRecord], events: ListEvents
) -> None:
    home, record = backfilled
    planned = events(home, record.run_id, "ASSET_MATERIALIZATION_PLANNED")
    of_models = [event for event in planned if event.asset_key == FCT_ORDERS]
    assert len(of_models) == 1
    assert of_models[0].partition is None


@pytest.mark.soak
def test_deliveries_that_are_materialized_alone_are_built_and_published_too(
    home: Home, events: ListEvents
) -> None:
    job = build_definitions(home).resolve_implicit_global_asset_job_def()
    with open_instance(home) as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=[NATIVE_DELIVERIES],
            tags={
                "dagster/asset_partition_range_start": DAYS[0],
                "dagster/asset_partition_range_end": DAYS[2],
            },
        )
    assert result.success
    assert generation_id(home) == 2
    happened = events(home, result.run_id)
    of_models = [e for e in happened if e.asset_key in (FCT_ORDERS, PUBLISHED)]
    told = [e.step_materialization_data for e in of_models if e.is_step_materialization]
    assert [data.materialization.metadata["published"].value for data in told] == [True] * 2
    found = materialized(happened)
    assert (PUBLISHED, None) in found
    assert (FCT_ORDERS, None) in found
    assert {dt for key, dt in found if key == NATIVE_DELIVERIES} == set(DAYS)


@pytest.mark.soak
def test_a_selection_loads_what_has_landed_and_builds_only_what_it_names(
    home: Home, events: ListEvents, runs: Runs
) -> None:
    deliver_day(home, DAYS[1])
    record = execute(home, select="int_orders_current fct_orders")
    assert record.outcome == "incomplete"
    assert record.accepted
    assert generation_id(home) == 1
    found = events(home, runs(home)[0].run_id)
    (orders,) = [e for e in found if e.asset_key == FCT_ORDERS and e.is_step_materialization]
    assert orders.step_materialization_data.materialization.metadata["published"].value is False
    keys = {key for key, _ in materialized(found)}
    assert keys == {
        NATIVE_DELIVERIES,
        dg.AssetKey(["intermediate", "int_orders_current"]),
        FCT_ORDERS,
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"select": "no_such_model"}, "names no model"),
        ({"select": " "}, "names no model"),
        ({**AUGUST, "backfill_select": "agg_sales_daily no_such_model"}, "no model no_such_model"),
        ({**AUGUST, "backfill_select": ""}, "names no model"),
        ({"backfill": (date(2021, 8, 3), date(2021, 8, 1))}, "holds no date"),
        ({"backfill": (date(1999, 1, 1), date(2021, 8, 1))}, "1999-01-01"),
    ],
)
def test_a_wrong_request_is_refused_before_a_run_begins(
    home: Home, runs: Runs, options: dict[str, object], problem: str
) -> None:
    deliver_day(home, DAYS[1])
    before, status = runs(home), read_status(home)
    with pytest.raises(UsageError, match=problem):
        execute(home, **options)  # type: ignore[arg-type]
    assert runs(home) == before
    assert read_status(home) == status


def test_a_backfill_without_dates_says_so_before_it_loads_anything(home: Home, runs: Runs) -> None:
    deliver_day(home, DAYS[1])
    status = read_status(home)
    job = build_definitions(home).resolve_job_def("backfill")
    with open_instance(home) as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        (failed,) = result.get_step_failure_events()[:1]
    assert "choose them" in str(failed.step_failure_data.error_display_string)
    assert runs(home)[0].status == dg.DagsterRunStatus.FAILURE
    assert read_status(home) == status
