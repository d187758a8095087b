"""A platform small enough to work its figures out by hand, and the key of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from simulator.answers import write_answers
from simulator.contract import entities

SQL = Path(__file__).with_name("tiny_truth.sql")
INTERFACE = """
create schema truth;
create schema delivery;
create schema money;
create table truth.parameters (
    from_date date, to_date date, end_at timestamp, days bigint, lines bigint, scale double,
    seed bigint
);
create table delivery.files (
    path varchar, stage varchar, feed varchar, dt date, rows_read bigint, rows_accepted bigint,
    rows_quarantined bigint, status varchar
);
create table delivery.planted_faults (
    fault_id bigint, kind varchar, stage varchar, path varchar, row_number bigint, entity varchar,
    key varchar, column_name varchar, found_by varchar, note varchar
);
create table money.planted_breaks (
    break_class varchar, refund_order_id varchar, claim_id varchar, bill_line_id varchar,
    break_amount bigint, currency_code varchar
);
create table money.line_shares (
    bill_line_id varchar, refund_order_id varchar, amount bigint
);
"""


def tiny_truth() -> duckdb.DuckDBPyConnection:
    """Return a connection that holds the tiny platform's final state."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema final")
    for entity in entities().values():
        columns = ", ".join(f"{name} {kind}" for name, kind in entity.types.items())
        connection.execute(f"create table final.{entity.name} ({columns})")
    connection.execute(INTERFACE)
    connection.execute(SQL.read_text(encoding="utf-8"))
    return connection


def tiny_key(folder: Path) -> duckdb.DuckDBPyConnection:
    """Write the key of the tiny platform and return the connection to its truth."""
    connection = tiny_truth()
    write_answers(connection, folder)
    return connection
