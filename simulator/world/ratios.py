"""The published figures, computed from the truth: is the history calibrated?"""

from __future__ import annotations

from pathlib import Path

import duckdb

FILE = Path(__file__).parent / "sql" / "ratios.sql"


def published_ratios(connection: duckdb.DuckDBPyConnection) -> dict[str, float | None]:
    """Return the figures that the history is calibrated on, by name.

    Counts that grow with the size are given as a ratio to the published count x scale. A figure
    whose windows lie outside the span is null. A statement (a ranking) is 1 when it holds.

    Args:
        connection: With the schema `truth`, as of the end of the data.
    """
    *preparations, select = FILE.read_text(encoding="utf-8").rstrip().removesuffix(";").split(";\n")
    for statement in preparations:
        connection.execute(statement)
    return dict(connection.execute(select).fetchall())
