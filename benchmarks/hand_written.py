"""The same tables by hand: one DuckDB script for a full build, one for a day's change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from orchestration.home import Home

SQL = Path(__file__).with_name("sql")
BUILT_SCHEMAS = ("intermediate", "core", "sales", "livestream")
"""Schemas that the full script fills; those that it does not name are left out of a comparison."""


def statements(script: str) -> Iterator[tuple[str, str]]:
    """Name of the file and statement of a script, in order; `{name}` stands for select/name.sql."""
    selects = {path.stem: path.read_text() for path in (SQL / "select").glob("*.sql")}
    for path in [SQL / "macros.sql", *sorted((SQL / script).glob("*.sql"))]:
        text = path.read_text()
        for name, select in selects.items():
            text = text.replace(f"{{{name}}}", select.strip())
        for statement in re.sub(r"--[^\n]*", "", text).split(";"):
            if statement.strip():
                yield path.stem, statement.strip()


def connect(home: Home) -> duckdb.DuckDBPyConnection:
    """Open the warehouse with the marts attached, as dbt does."""
    connection = duckdb.connect(str(home.warehouse))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{home.marts_next}' as marts")
    return connection


def run(home: Home, script: str, mark: int = 0) -> None:
    """Run a script; deliveries with a change number above the mark are what has changed."""
    with connect(home) as connection:
        connection.execute(f"set variable mark = {int(mark)}")
        for _, statement in statements(script):
            connection.execute(statement)


def covered() -> list[str]:
    """Names of the models that the full script makes; no other one is measured."""
    made = (re.match(r"create table [\w.]+?(\w+) as", text) for _, text in statements("full"))
    return [found.group(1) for found in made if found]


def drop_built(home: Home) -> None:
    """Leave raw tables, staging views and seeds, and nothing that is built from them."""
    home.marts_next.unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        for schema in ("intermediate", "changes"):
            connection.execute(f"drop schema if exists {schema} cascade")


def differences(one: Home, other: Home) -> dict[str, int]:
    """Rows that only one of two homes has, by table; tables that `one` lacks are left out."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for side, home in (("one", one), ("other", other)):
            connection.execute(f"attach '{home.warehouse}' as {side}_warehouse (read_only)")
            connection.execute(f"attach '{home.marts_next}' as {side}_marts (read_only)")
        for database, schema, name in _tables(connection, "one_"):
            side = database.removeprefix("one_")
            relations = [f"{first}_{side}.{schema}.{name}" for first in ("one", "other")]
            digests = [_digest(connection, relations[0], table) for table in relations]
            if digests[0] != digests[1]:
                found[name] = _unequal_rows(connection, *relations)
    return found


def _tables(connection: duckdb.DuckDBPyConnection, prefix: str = "") -> list[tuple[str, str, str]]:
    return connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables()"
        " where starts_with(database_name, $1) and list_contains($2, schema_name) order by all",
        [prefix, list(BUILT_SCHEMAS)],
    ).fetchall()


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    described = connection.execute(f"select column_name from (describe {table})").fetchall()
    return ", ".join(f'"{name}"' for (name,) in described)


def _digest(connection: duckdb.DuckDBPyConnection, model: str, table: str) -> Any:  # noqa: ANN401
    """Count and hashes of all rows, in the model's order of columns and in no order of rows."""
    return connection.execute(
        "select count(*), sum(hash(found)), bit_xor(hash(found))"
        f" from (select {_columns(connection, model)} from {table}) as found"
    ).fetchone()


def _unequal_rows(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    columns = _columns(connection, one)
    row = connection.execute(
        f"select count(*) from (select {columns}, sum(side) from ("
        f"select {columns}, 1 as side from {one} union all select {columns}, -1 from {other}"
        ") group by all having sum(side) <> 0)"
    ).fetchone()
    return int(row[0]) if row else 0
