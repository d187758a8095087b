"""Descriptions of models and columns as comments in the marts, where catalogues look for them."""

from __future__ import annotations

import duckdb

from orchestration import transform
from orchestration.home import Home
from orchestration.publishing.generations import quoted


def write(home: Home, *, anew: bool) -> list[str]:
    """Comment on the clone's tables and columns; return the tables.

    Comments survive edits of rows, and are lost with a table that is built again. What the clone
    lacks is left out: the descriptions may be of newer code than built it.

    Args:
        home: Whose clone, which nobody has open.
        anew: Whether to replace comments, as other code may describe the same table otherwise.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{quoted(home.marts_next)}' as marts")
        tables = connection.execute(_TABLES, [anew]).fetchall()
        if not tables:
            return []
        found = set(connection.execute(_COLUMNS).fetchall())
        nodes = transform.kept_manifest(home)["nodes"].values()
        described = [
            node
            for node in nodes
            if node["resource_type"] == "model"
            and node["database"] == transform.MARTS
            and (node["schema"], node["alias"]) in tables
        ]
        connection.begin()
        for node in described:
            table = f'marts."{node["schema"]}"."{node["alias"]}"'
            _comment(connection, f"table {table}", node["description"])
            for column in node["columns"].values():
                if (node["schema"], node["alias"], column["name"]) in found:
                    what = f'column {table}."{column["name"]}"'
                    _comment(connection, what, column["description"])
        connection.commit()
    return [node["name"] for node in described]


def _comment(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    escaped = text.strip().replace("'", "''")
    connection.execute(f"comment on {what} is '{escaped}'")


_TABLES = """
select schema_name, table_name from duckdb_tables()
where database_name = 'marts' and schema_name not in ('meta', 'changes')
    and ($1 or comment is null)
"""
_COLUMNS = """
select schema_name, table_name, column_name from duckdb_columns() where database_name = 'marts'
"""
