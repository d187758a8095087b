"""A verification rebuilds from raw and names every row that differs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import pipeline
from orchestration.home import Home, UsageError
from orchestration.publishing.files import DiskSpaceError
from orchestration.verify import Verification, verify
from tests.small_landing import DAYS, deliver_day

pytestmark = pytest.mark.whole

ANXIN = str(Path(sys.executable).with_name("anxin"))


def verified(home: Home) -> Verification:
    with pipeline.opened(home, "verify") as opened:
        return verify(opened)


def test_a_refreshed_warehouse_equals_its_rebuild(home: Home) -> None:
    deliver_day(home, DAYS[1])
    assert pipeline.run(home).outcome == "published"
    found = verified(home)
    assert found.is_equal
    assert found.rows > 0
    assert not (home.root / "verify").exists()


def test_every_row_that_differs_is_named_with_its_key(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update core.fct_orders set pay_amount = 0.01 where order_id like '%-0'")
        connection.execute("delete from sales.agg_sales_daily")
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into intermediate.int_claims_current by name select 'new' as claim_id"
        )
    found = {difference.model: difference for difference in verified(home).differences}
    assert sorted(found) == ["agg_sales_daily", "fct_orders", "int_claims_current"]
    order = found["fct_orders"].examples[0]
    assert (order["in"], order["order_id"]) == ("both", f"{DAYS[0]}-0")
    assert order["pay_amount"].startswith("0.01 / rebuilt ")
    assert found["agg_sales_daily"].only_rebuilt == found["agg_sales_daily"].rebuilt_rows
    assert found["int_claims_current"].examples == [{"in": "live", "claim_id": "new"}]


def test_columns_that_differ_and_tables_of_nobody_are_named(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("alter table core.fct_orders rename column city to zzz")
        connection.execute(
            "alter table sales.agg_sales_daily alter column placed_order_count type integer"
        )
        connection.execute("alter table core.fct_claims drop column reason")
        connection.execute("create table sales.orphan as select 1 as number")
    found = {difference.model: difference.columns for difference in verified(home).differences}
    assert found == {
        "sales.orphan": ["no model or seed makes this table"],
        "agg_sales_daily": ["placed_order_count INTEGER / rebuilt BIGINT"],
        "fct_claims": ["reason missing / rebuilt VARCHAR"],
        "fct_orders": ["zzz VARCHAR / rebuilt missing", "city missing / rebuilt VARCHAR"],
    }


def start_verify(home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ANXIN, "verify", "--json"],
        env={**os.environ, "ANXIN_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.soak
def test_the_command_tells_by_its_exit_code_while_readers_read(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update core.fct_orders set pay_amount = 0.01 where order_id like '%-0'")
    process = start_verify(home)
    reads = 0
    while process.poll() is None:
        with duckdb.connect(str(home.published), read_only=True) as connection:
            reads += len(connection.execute("from core.fct_orders").fetchall()) > 0
        time.sleep(0.2)
    output, errors = process.communicate()
    assert process.returncode == 1, errors
    (difference,) = json.loads(output)["differences"]
    assert difference["model"] == "fct_orders"
    assert difference["examples"][0]["order_id"] == f"{DAYS[0]}-0"
    assert reads > 1


@pytest.mark.soak
def test_an_interrupted_verification_calls_nothing_different_and_leaves_nothing(
    home: Home,
) -> None:
    before = files(home)
    process = start_verify(home)
    wait_for(home.verification / "marts-next.duckdb", process)
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode not in (0, None)
    assert "differences" not in output, errors
    assert not home.verification.exists()
    assert files(home) == before


def test_what_a_killed_verification_left_is_gone_with_the_next_writer(home: Home) -> None:
    home.verification.mkdir()
    (home.verification / "warehouse.duckdb").write_text("half a copy")
    with pipeline.opened(home, "run"):
        assert not home.verification.exists()


def test_no_rebuild_begins_without_room_for_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    size = home.warehouse.stat().st_size
    usage = shutil.disk_usage(home.root)._replace(free=size)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match="Not enough space"):
        verified(home)
    assert not home.verification.exists()


def files(home: Home) -> dict[str, Any]:
    """Databases and their neighbours with their sizes; logs and records apart."""
    return {
        path.relative_to(home.root).as_posix(): path.stat().st_size
        for path in home.root.rglob("*")
        if ".duckdb" in path.name
    }


def test_what_no_run_has_built_yet_is_not_called_a_difference(home: Home) -> None:
    deliver_day(home, DAYS[1])
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
        opened.audit_deliveries()
    with pytest.raises(UsageError, match="anxin run"):
        verified(home)
