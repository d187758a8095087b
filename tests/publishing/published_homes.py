"""Homes with real database files, as a run would leave them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.home import Home
from orchestration.publishing import Generation, clone, publish, stamp

DELIVERIES = """
create table raw.deliveries (
    delivery_id bigint, source varchar, feed varchar, dt date, path varchar, sha256 varchar,
    size_bytes bigint, file_stamp varchar, rows_read bigint, rows_accepted bigint,
    rows_quarantined bigint, status varchar, status_reason varchar, notes varchar,
    change_seq bigint, loaded_at timestamp, status_at timestamp
)
"""


def make_home(root: Path) -> Home:
    """Make a home whose warehouse knows one delivery of each status."""
    home = Home(root).create()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.change_events (change_seq bigint)")
        connection.execute("insert into raw.change_events values (40), (41)")
        connection.execute(DELIVERIES)
        for number, status in enumerate(["accepted", "accepted", "held", "loaded", "rejected"]):
            connection.execute(
                "insert into raw.deliveries values (?, 'native', 'orders', date '2026-03-01',"
                " 'native/orders/dt=2026-03-01/a.csv', 'ab', 10, 'stamp', 5, 4, 1, ?, null, null,"
                " 7, timestamp '2026-03-02 01:00:00', timestamp '2026-03-02 01:00:01')",
                [number, status],
            )
    return home


def build(home: Home, number: int, *, rows: int = 1000) -> Generation:
    """Edit the clone so that two tables carry one number, and stamp it."""
    path = clone(home)
    with duckdb.connect(str(path)) as connection:
        for schema, table in (("core", "fct_orders"), ("sales", "agg_gmv_daily")):
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                f"create or replace table {schema}.{table} as"
                f" select {number} as build_number, i as row_id from range({rows}) as r(i)"
            )
    return stamp(home, run_id=f"run-{number}", code_fingerprint="f00d")


def run(home: Home, number: int) -> Generation:
    """Build and publish."""
    build(home, number)
    return publish(home)


def numbers(path: Path) -> set[int]:
    """The build numbers in both tables of a marts file; one, unless two runs are mixed."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{path}' as marts (read_only)")
        rows = connection.execute(
            "select build_number from marts.core.fct_orders group by 1"
            " union all select build_number from marts.sales.agg_gmv_daily group by 1"
        ).fetchall()
    assert len(rows) == 2, "a table is empty or mixed"
    return {number for (number,) in rows}
