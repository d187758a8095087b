"""Quoting of names and values that end up in SQL text, and the settings of a session."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb


def name(identifier: str) -> str:
    """Quote an identifier, whatever characters it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Quote a string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def file(path: Path) -> str:
    """Quote a file's path for a table function, so that it is no glob pattern."""
    return text(re.sub(r"([*?\[])", r"[\1]", str(path)))


def prepare_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Set what every statement counts on: UTC, file order, nothing from the network."""
    connection.execute(
        "set TimeZone = 'UTC'; set preserve_insertion_order = true;"
        " set autoinstall_known_extensions = false; set autoload_known_extensions = false"
    )


def scalar(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> int:
    """Return the single number that a query yields."""
    row = connection.execute(query, list(values)).fetchone()
    if row is None:
        raise ValueError("the query yields no row")
    return int(row[0])
