"""Computes the answers and writes them as Parquet with a README."""

from __future__ import annotations

from pathlib import Path

import duckdb

from simulator.answers.describe import describe
from simulator.contract import SEEDS

HERE = Path(__file__).resolve().parent
BASE = HERE / "base"
ANSWERS = HERE / "sql"
SCRATCH = ".scratch.duckdb"

MACROS = """
create or replace temp macro yuan(fen) as
    (fen::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2);
create or replace temp macro number(id) as
    case when length(id) = 19 then id else 'not of 19 digits: ' || id end::bigint;
"""
"""Fen as yuan; an id as a number, which sorts as its text does (the cast fails on other ids)."""
PARQUET = "format parquet, compression zstd, row_group_size 122880"


def names() -> list[str]:
    """Names of all answers, in the order in which they are written."""
    return sorted(file.stem for file in ANSWERS.glob("*.sql"))


def write_answers(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write `<answer>.parquet` for every answer, and `README.md`, into a folder.

    The bytes depend only on the truth: every answer is sorted by its whole grain.

    Args:
        connection: Has the schemas `final`, `delivery`, `money` and `truth` in its main database.
            Intermediate tables stand in a scratch file in `out` while this runs.
        out: The folder; made when it is absent.
    """
    out.mkdir(parents=True, exist_ok=True)
    scratch = out / SCRATCH
    scratch.unlink(missing_ok=True)
    connection.execute(f"attach '{_quoted(scratch)}' as base")
    try:
        connection.execute(MACROS)
        connection.execute("set variable seeds = ?", [str(SEEDS)])
        connection.execute("set preserve_insertion_order = true")
        for file in sorted(BASE.glob("*.sql")):
            connection.execute(file.read_text(encoding="utf-8"))
        for name in names():
            query = (ANSWERS / f"{name}.sql").read_text(encoding="utf-8")
            path = _quoted(out / f"{name}.parquet")
            connection.execute(f"copy (\n{query}\n) to '{path}' ({PARQUET})")
    finally:
        connection.execute("detach base")
        scratch.unlink(missing_ok=True)
    (out / "README.md").write_text(describe(connection, out), encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
