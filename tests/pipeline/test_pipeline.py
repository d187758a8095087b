"""One run from landed files to published marts, on real files and real dbt."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import console, pipeline, publishing, transform
from orchestration.home import PROJECT, Home
from orchestration.ingestion import content
from orchestration.pipeline import AuditError
from orchestration.status import collect
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


def entries(database: Path) -> int:
    """How many entries the change logs of a file hold after their last resets."""
    with duckdb.connect(str(database), read_only=True) as connection:
        heads = connection.execute("select model, reset_seq from changes.heads").fetchall()
        counts = [
            connection.execute(f"select count(*) from changes.{model} where seq > {seq}").fetchall()
            for model, seq in heads
        ]
    return sum(count for ((count,),) in counts)


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


def test_a_run_without_anything_new_starts_no_dbt(home: Home) -> None:
    command = [sys.executable, "-c", RUN_AND_SAY, str(home.root)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert ran.stdout.split()[-2:] == ["nothing_new", "False"]


RUN_AND_SAY = """
import sys
from pathlib import Path
from orchestration.defs.launch import execute
from orchestration.home import Home
print(execute(Home(Path(sys.argv[1]))).outcome, "dbt.cli.main" in sys.modules)
"""


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


def test_who_releases_what_was_held_when_it_was_read_is_told_what_else_is_wrong(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "audited").create()
    deliver_day(home, DAYS[0], orders=30)
    for expected in ([], [f"native/orders/dt={DAYS[0]}/part.csv"]):
        with pipeline.opened(home, "run") as opened:
            opened.ingest()
            opened.audit_deliveries()
        with pipeline.connect(home) as connection:
            held = connection.execute(
                "select path, status_reason from raw.deliveries where status = 'held'"
            ).fetchall()
        assert [path for path, _ in held] == expected
        landed = home.landing / f"native/orders/dt={DAYS[0]}/part.csv"
        landed.write_text(landed.read_text().partition("\n")[0] + "\n")  # cut off
        landed.with_name("part.csv.manifest.json").write_text('{"row_count": 30}')
    ((_, reason),) = held
    assert "row_count" in reason
    assert reason.endswith(
        "; a file without an accepted row replaces fewer than 20: 1 unexpected row"
    )


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
    assert entries(home.published) == 0 < entries(home.warehouse)  # the first one has not read them
    publishing.rollback(home)
    assert marts_of(home) == first
    deliver_day(home, DAYS[2])
    assert pipeline.run(home).outcome == "paused"
    assert marts_of(home) == first
    publishing.resume(home)
    assert pipeline.run(home).outcome == "published"
    third = marts_of(home)
    assert entries(home.published) == 0
    assert [len(marts["core.fct_orders"]) for marts in (first, second, third)] == [3, 6, 9]


def test_beside_a_damaged_generation_no_log_is_pruned(home: Home) -> None:
    (home.generations / "marts-0.duckdb").write_bytes(b"no database")
    assert entries(home.published) == 0
    deliver_day(home, DAYS[1])
    assert pipeline.run(home).outcome == "published"
    assert entries(home.published) > 0


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
        connection.execute("insert into changes.heads values ('agg_dropped', 1, 1)")
        connection.execute("create table sales.agg_of_an_engineer as select 1 as one")
    deliver_day(home, DAYS[1])
    pipeline.run(home)
    assert relations(home.published, "agg_dropped") == set()
    assert relations(home.published, "agg_of_an_engineer") == {("sales", "agg_of_an_engineer")}
    with duckdb.connect(str(home.published), read_only=True) as connection:
        books = "select model from changes.{} where model = 'agg_dropped'"
        for book in ("heads", "marks", "audited"):
            assert connection.execute(books.format(book)).fetchall() == []


def test_the_warehouse_loses_what_the_project_made_and_keeps_what_others_put_there(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        for statement in (
            "create table intermediate.int_old as select 1 as one",
            "create table intermediate.int_orders_current__dbt_backup as select 1 as one",
            "create table seeds.seed_old as select 1 as one",
            "create view staging.stg_native__old as select 1 as one",
            "create table changes.int_old as select 1 as seq",
            "insert into changes.heads values ('int_old', 1, 1)",
            "insert into changes.loaded values ('seed_old', ''), ('stg_native__old', '')",
            "create table main.orders_old as from raw.orders",
            "create view staging.engineers_old as from raw.orders",
        ):
            connection.execute(statement)
    dropped = {
        "warehouse.changes.int_old",
        "warehouse.intermediate.int_old",
        "warehouse.intermediate.int_orders_current__dbt_backup",
        "warehouse.seeds.seed_old",
        "warehouse.staging.stg_native__old",
    }
    with pipeline.opened(home, "run"):
        publishing.clone(home)
        assert set(transform.drop_orphans(home)) == dropped
        assert transform.drop_orphans(home) == []
        publishing.drop_clone(home)
    assert relations(home.warehouse, "%old") == {
        ("main", "orders_old"),
        ("staging", "engineers_old"),
    }
    logged = [vars(record)["note"] for record in caplog.records if "dropped" in record.message]
    assert set(logged) == dropped
    assert skip_reason(home) == "nothing_new"


def relations(database: Path, name: str) -> set[tuple[str, str]]:
    """Schema and name of the tables and views whose name is like a pattern."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_name like ? and table_catalog = current_database()",
            [name],
        ).fetchall()
    return {(schema, table) for schema, table in rows}


def test_a_file_that_cannot_be_read_is_told_by_the_run_and_by_the_status(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(home, "orders", DAYS[1], [{**ORDER, "order_id": "late"}])
    path = f"native/orders/dt={DAYS[1]}/part.csv"
    numbers = map(str, itertools.count())
    with monkeypatch.context() as patch:
        patch.setattr(content, "_identity", lambda _: next(numbers))  # as if it were written to
        record = pipeline.run(home)
    assert record.outcome == "nothing_new"
    assert record.message.endswith("up to date; 1 file could not be read")
    report = collect(home)
    assert report.run and report.run.message == record.message
    with pipeline.opened(home, "release") as opened:  # which does not look at the landing
        opened.finish("released", "delivery 1 is released")
    report = collect(home)
    assert report.books and list(report.books.unreadable) == [path]
    console.show_status(report)
    assert "can't be read" in capsys.readouterr().out
    assert pipeline.run(home).message == "published generation 2"
    report = collect(home)
    assert report.books and report.books.unreadable == {}
