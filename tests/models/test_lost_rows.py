"""A row of the money trail that is gone from raw can't be published unnoticed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from expectations.marts import raw_books
from orchestration.home import Home
from orchestration.quality import audit_marts

ROWS = 200
_MISSING = f"""
select path, entity from ({raw_books.QUERY})
where row_count <> booked_row_count or amount <> booked_amount
"""


@pytest.fixture
def copy(small_home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse with its published marts."""
    shutil.copyfile(small_home.warehouse, tmp_path / "warehouse.duckdb")
    shutil.copyfile(small_home.published, tmp_path / "marts.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{tmp_path / 'marts.duckdb'}' as marts")
        yield connection


def test_any_row_of_any_side_is_missed(copy: duckdb.DuckDBPyConnection) -> None:
    assert copy.execute(_MISSING).fetchall() == []
    accepted = "select delivery_id from raw.deliveries where status = 'accepted'"
    tried = 0
    for entity in raw_books.AMOUNTS:
        chosen = copy.execute(
            f"select rowid from raw.{entity} where _delivery_id in ({accepted})"
            f" order by hash(rowid, 'lost') limit {ROWS // len(raw_books.AMOUNTS)}"
        ).fetchall()
        for (rowid,) in chosen:
            copy.execute("begin")
            copy.execute(f"delete from raw.{entity} where rowid = {rowid}")
            assert [found for _, found in copy.execute(_MISSING).fetchall()] == [entity]
            copy.execute("rollback")
            tried += 1
    assert tried == ROWS


def test_a_changed_amount_is_missed(copy: duckdb.DuckDBPyConnection) -> None:
    copy.execute(
        "update raw.fund_flows set amount = amount + 1"
        " where rowid = (select min(rowid) from raw.fund_flows)"
    )
    assert [found for _, found in copy.execute(_MISSING).fetchall()] == ["fund_flows"]


def test_a_lost_row_stops_the_publish(copy: duckdb.DuckDBPyConnection) -> None:
    def blocking() -> set[str]:
        return {result.table for result in audit_marts(copy) if result.blocks}

    assert blocking() == set()
    copy.execute("delete from raw.refund_orders where rowid = (select 7)")
    assert "raw_books" in blocking()
