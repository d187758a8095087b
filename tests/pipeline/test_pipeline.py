"""One run from landed files to published marts, on real files and real dbt."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import pipeline, publishing, transform
from orchestration.home import Home
from orchestration.pipeline import AuditError
from tests.small_landing import DAYS, deliver_day, put

ORDER = {
    "merchant_id": "m1",
    "order_status": 5,
    "order_amount": 100,
    "pay_amount": 100,
    "freight_amount": 0,
    "created_at": "2021-08-02T04:00:00Z",
    "paid_at": "2021-08-02T04:00:00Z",
    "updated_at": "2021-08-02T04:00:00Z",
}

Marts = dict[str, list[tuple[object, ...]]]


def marts_of(home: Home) -> Marts:
    """Every published row outside `meta` and the change logs."""
    with duckdb.connect(str(home.published), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema not in ('meta', 'changes') order by all"
        ).fetchall()
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for (name,) in tables
        }


def rebuilt(home: Home, folder: Path) -> Marts:
    """What a full rebuild from the same raw tables publishes."""
    twin = Home(folder / "rebuilt").create()
    shutil.copy(home.warehouse, twin.warehouse)
    shutil.copy(home.customer_key_file, twin.customer_key_file)
    pipeline.run(twin, full_refresh=True)
    return marts_of(twin)


def corrupt(home: Home) -> str:
    """Put an order twice into the current state and its log, as a broken model would."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update changes.heads set seq = seq + 1 where model = 'int_orders_current'"
        )
        connection.execute(
            "insert into changes.int_orders_current by name"
            " select min(order_id) as order_id, any_value(heads.seq) as seq"
            " from intermediate.int_orders_current, changes.heads"
            " where heads.model = 'int_orders_current'"
        )
        connection.execute(
            "insert into intermediate.int_orders_current"
            " select * from intermediate.int_orders_current order by order_id limit 1"
        )
        row = connection.execute(
            "select min(order_id) from intermediate.int_orders_current"
        ).fetchone()
    assert row
    return str(row[0])


def test_a_run_without_anything_new_publishes_nothing_and_says_so(home: Home) -> None:
    before = home.published.stat().st_ino
    record = pipeline.run(home)
    assert record.outcome == "nothing_new"
    assert "nothing new" in record.message
    assert home.published.stat().st_ino == before


def test_code_that_is_deployed_during_a_run_has_built_nothing_yet(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    creator = {"creator_id": "new", "creator_type": "affiliate", "updated_at": "2021-08-02"}
    put(home, "creators", DAYS[1], [creator])

    def deploy(_: transform.NodeResult) -> None:
        monkeypatch.setattr(transform, "code_fingerprint", lambda: "deployed meanwhile")

    assert pipeline.run(home, on_node=deploy).outcome == "published"
    assert skip_reason(home) is None
    monkeypatch.undo()
    assert skip_reason(home) == "nothing_new"


def test_after_a_build_that_failed_there_is_something_to_build(home: Home) -> None:
    """Its code may have been other than what is deployed now, and the marts'."""
    assert skip_reason(home) == "nothing_new"
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop table changes.built")  # as every build begins
    assert skip_reason(home) is None


def test_commands_know_the_models_of_the_code_that_is_deployed(home: Home) -> None:
    known = transform.restating_models(home)
    (home.dbt_target / "manifest.json").write_text('{"nodes": {}}')
    assert transform.restating_models(home) == {}
    (home.dbt_target / "manifest.code").write_text("earlier code")
    assert transform.restating_models(home) == known != {}


def skip_reason(home: Home) -> str | None:
    """Why a run would have nothing to build."""
    with pipeline.opened(home, "run") as opened:
        reason = pipeline.skip_reason(opened)
    return reason and reason[0]


@pytest.mark.soak
def test_corrections_refresh_to_what_a_full_rebuild_gives_and_back_again(
    home: Home, tmp_path: Path
) -> None:
    first = marts_of(home)
    deliver_day(home, DAYS[0], orders=2)  # corrected: one order less
    assert pipeline.run(home).outcome == "published"
    assert marts_of(home) == rebuilt(home, tmp_path) != first
    deliver_day(home, DAYS[0])
    pipeline.run(home)
    assert marts_of(home) == first


def test_a_failed_critical_audit_leaves_the_published_file_and_lists_the_rows(home: Home) -> None:
    before = home.published.read_bytes()
    order_id = corrupt(home)
    deliver_day(home, DAYS[1])
    with pytest.raises(AuditError, match="grain_int_orders_current"):
        pipeline.run(home)
    assert home.published.read_bytes() == before
    assert not home.marts_next.exists()
    (path,) = [
        path
        for path in (home.logs / "runs").glob("*.json")
        if json.loads(path.read_text())["outcome"] == "failed"
    ]
    failing = json.loads(path.read_text())["failing_rows"]
    assert order_id in str(failing["grain_int_orders_current_order_id"])
    with pytest.raises(AuditError, match="grain_int_orders_current"):
        pipeline.run(home)  # nothing new to read, but the model was never audited


def test_a_run_leaves_alone_what_no_change_touches(home: Home, tmp_path: Path) -> None:
    creator = {
        "creator_id": "new",
        "creator_type": "affiliate",
        "updated_at": "2021-08-02T04:00:00Z",
    }
    put(home, "creators", DAYS[1], [creator])
    record = pipeline.run(home)
    ended = {node["name"]: node["status"] for node in record.nodes}
    assert ended["dim_creators"] == "success"
    assert ended["fct_orders"] == ended["agg_gmv_daily"] == "no-op"
    assert marts_of(home) == rebuilt(home, tmp_path)


@pytest.mark.soak
def test_seeds_of_a_build_that_failed_are_not_taken_for_those_of_the_code(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update changes.built set code_fingerprint = 'earlier code'")
    corrupt(home)
    deliver_day(home, DAYS[1])
    with pytest.raises(AuditError):
        pipeline.run(home)  # loads today's seeds before it fails
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        left = connection.execute("from duckdb_tables() where table_name = 'built'").fetchall()
    assert left == []


def test_a_part_of_the_graph_is_built_but_not_published(home: Home) -> None:
    before = home.published.read_bytes()
    deliver_day(home, DAYS[1])
    record = pipeline.run(home, select="int_orders_current")
    assert record.outcome == "incomplete"
    assert home.published.read_bytes() == before
    assert not home.marts_next.exists()


def test_after_a_rollback_nothing_is_built_until_publishing_resumes(home: Home) -> None:
    first = marts_of(home)
    deliver_day(home, DAYS[1])
    pipeline.run(home)
    second = marts_of(home)
    publishing.rollback(home)
    assert marts_of(home) == first
    deliver_day(home, DAYS[2])
    assert pipeline.run(home).outcome == "paused"
    assert marts_of(home) == first
    publishing.resume(home)
    assert pipeline.run(home).outcome == "published"
    third = marts_of(home)
    assert [len(marts["core.fct_orders"]) for marts in (first, second, third)] == [3, 6, 9]


@pytest.mark.soak
def test_another_customer_key_is_a_reason_to_build(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marts_of(home)["core.dim_customers"]
    monkeypatch.setenv("ANXIN_CUSTOMER_KEY", "another key, long enough to be one")
    assert pipeline.run(home).outcome == "published"
    after = marts_of(home)["core.dim_customers"]
    assert len(after) == len(before)
    assert after != before


def test_no_model_is_stale_in_what_is_published(home: Home) -> None:
    assert transform.stale_models(home, home.published) == []


@pytest.mark.soak
def test_another_warehouse_with_the_same_numbers_is_a_reason_to_build(home: Home) -> None:
    first = marts_of(home)
    home.warehouse.unlink()
    shutil.rmtree(home.landing)
    deliver_day(home, DAYS[0], orders=2)
    assert pipeline.run(home).outcome == "published"
    assert len(marts_of(home)["core.fct_orders"]) == len(first["core.fct_orders"]) - 1


@pytest.mark.soak
def test_a_restored_backup_does_not_pass_for_what_was_published(home: Home, tmp_path: Path) -> None:
    shutil.copy(home.warehouse, tmp_path / "backup.duckdb")
    put(home, "orders", DAYS[1], [{**ORDER, "order_id": "lost"}])
    pipeline.run(home)
    shutil.rmtree(home.landing / "native" / "orders" / f"dt={DAYS[1]}")
    shutil.copy(tmp_path / "backup.duckdb", home.warehouse)
    put(home, "orders", DAYS[2], [{**ORDER, "order_id": "found"}])
    assert pipeline.run(home).outcome == "published"
    ids = {row[0] for row in marts_of(home)["core.fct_orders"]}
    assert "found" in ids
    assert "lost" not in ids


@pytest.mark.soak
def test_marts_of_earlier_code_are_not_left_alone(home: Home) -> None:
    """As after a run of new code that an audit stopped: the warehouse is new, the marts are not."""
    first = marts_of(home)
    home.published.chmod(0o644)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update meta.generation set code_fingerprint = 'earlier code'")
        connection.execute(
            "update changes.marks set code = 'earlier code'"
            " where model = 'dim_rights' and input = '@code'"
        )
        connection.execute("delete from core.dim_rights")
    assert pipeline.run(home).outcome == "published"
    assert marts_of(home) == first


def test_a_mart_that_the_project_no_longer_has_leaves_the_published_file(home: Home) -> None:
    home.published.chmod(0o644)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("create table sales.agg_dropped as select 1 as one")
        connection.execute("create table changes.agg_dropped as select 1 as seq")
    deliver_day(home, DAYS[1])
    pipeline.run(home)
    with duckdb.connect(str(home.published), read_only=True) as connection:
        left = connection.execute(
            "select count(*) from information_schema.tables where table_name = 'agg_dropped'"
        ).fetchone()
    assert left == (0,)
