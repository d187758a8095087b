"""Schema `delivery`: the files, the planted faults, and what the writing of files goes by.

files            path, stage ('landing' or 'earlier'), feed, dt, rows_read, rows_accepted,
                 rows_quarantined, status ('accepted', 'held' or 'rejected'): what a loader has
                 to make of each file; a rejected file has no rows
planted_faults   fault_id, kind, stage, path, row_number, entity, key, column_name, found_by, note;
                 row_number counts the data rows of the file from 1, and is null where the file as
                 a whole is the fault, or a row is missing in it; parts of a key are joined by |
"""

from __future__ import annotations

from datetime import date

import duckdb

from simulator.delivery.windows import Cell, Window

SCHEMA = """
create or replace schema delivery;
create table delivery.files (
    path varchar, stage varchar, feed varchar, dt date, rows_read bigint, rows_accepted bigint,
    rows_quarantined bigint, status varchar
);
create table delivery.planted (
    kind varchar, stage varchar, path varchar, row_number bigint, entity varchar, key varchar,
    column_name varchar, found_by varchar, note varchar
);
create table delivery.windows (window_index bigint, dt date, is_daily boolean, ends_at timestamp);
create table delivery.cells (
    entity varchar, dt date, path varchar, format varchar, window_index bigint, row_count bigint,
    allows_rows boolean
);
create table delivery.removed (stage varchar, path varchar, origin_dt date, origin_row bigint);
create table delivery.extras (
    kind varchar, stage varchar, path varchar, entity varchar, origin_dt date, origin_row bigint,
    mutation bigint, place double, nonce bigint, dt_ends_at timestamp, column_name varchar,
    found_by varchar, note varchar
);
"""
"""
removed  rows of a cell that its own file lacks
extras   rows that a file has beside the cell's own: a good row of a cell, garbled or not, and where
"""


def open_books(connection: duckdb.DuckDBPyConnection, spans: list[Window]) -> None:
    """Make the schema anew."""
    connection.execute("drop schema if exists delivery cascade")
    connection.execute(SCHEMA)
    for span in spans:
        connection.execute(
            "insert into delivery.windows values ($1, $2, $3, $4)",
            [span.index, span.dt, span.is_daily, span.until],
        )


def add_cell(connection: duckdb.DuckDBPyConnection, cell: Cell) -> None:
    """Note a cell, for the SQL that plants faults."""
    connection.execute(
        "insert into delivery.cells values ($1, $2, $3, $4, $5, $6, $7)",
        [
            cell.entity,
            cell.window.dt,
            cell.path(),
            cell.format,
            cell.window.index,
            cell.rows,
            cell.allows_rows,
        ],
    )


def add_file(
    connection: duckdb.DuckDBPyConnection,
    path: str,
    rows: int,
    *,
    stage: str = "landing",
    quarantined: int = 0,
    status: str = "accepted",
) -> None:
    """Note a file and what is to become of its rows."""
    _, feed, folder, _ = path.split("/")
    counts = (0, 0, 0) if status == "rejected" else (rows, rows - quarantined, quarantined)
    connection.execute(
        "insert into delivery.files values ($1, $2, $3, $4, $5, $6, $7, $8)",
        [path, stage, feed, date.fromisoformat(folder.removeprefix("dt=")), *counts, status],
    )


def plant_file(
    connection: duckdb.DuckDBPyConnection, kind: str, path: str, found_by: str, note: str
) -> None:
    """Note a fault of a file as a whole."""
    connection.execute(
        "insert into delivery.planted values ($1, 'landing', $2, null, $3, null, null, $4, $5)",
        [kind, path, path.split("/")[1], found_by, note],
    )


def close_books(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the books in order and drop what only the writing needed."""
    connection.execute(
        "create table delivery.planted_faults as"
        " select row_number() over () as fault_id, *"
        " from (select * from delivery.planted order by all)"
    )
    connection.execute(
        "create or replace table delivery.files as from delivery.files order by stage, path"
    )
    scaffold = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'delivery'"
        " and table_name not in ('files', 'planted_faults')"
    ).fetchall()
    for (table,) in scaffold:
        connection.execute(f"drop table delivery.{table}")
