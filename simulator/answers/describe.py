"""Writes the README of an answer key from the answers' own comments and columns."""

from __future__ import annotations

from pathlib import Path

import duckdb

ANSWERS = Path(__file__).resolve().parent / "sql"

INTRODUCTION = """\
# Answer key

The right values of the figures of a simulated platform, computed from what really happened to
its orders, claims and money, not from the delivered files: whatever is wrong with the files, a
warehouse built from them must show these values.

- For: those who build or change the warehouse. `anxin check-answers` compares the published marts
  with every answer that a mart exists for, and exits 1 on any difference.
- By hand: `select * from '<answer>.parquet'` in DuckDB beside the mart that the answer names.
- Amounts are decimal(18,2) in the row's currency (CNY), ratios are doubles, rates from 0 to 1.
  Times are UTC; dates are business dates in Shanghai.
- Rows are sorted by their grain; the same history gives the same bytes.
"""


def describe(connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """Return the README's text for the answers that stand in a folder."""
    parts = [INTRODUCTION]
    for file in sorted(folder.glob("*.parquet")):
        comment = header(file.stem)
        path = str(file).replace("'", "''")
        described = connection.execute(f"describe select * from '{path}'").fetchall()
        counted = connection.execute(f"select count(*) from '{path}'").fetchall()
        columns = "\n".join(f"| `{name}` | {kind.lower()} |" for name, kind, *_ in described)
        parts.append(
            f"## {file.stem}\n{comment}\n\nRows: {counted[0][0]:,}\n\n"
            f"| column | type |\n|---|---|\n{columns}\n"
        )
    return "\n".join(parts)


def header(answer: str) -> str:
    """Return the comment on top of an answer's SQL, one paragraph per labelled line."""
    lines: list[str] = []
    for line in (ANSWERS / f"{answer}.sql").read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        starts = text.startswith(("Grain:", "For:"))
        lines.append(f"\n{text}" if starts else text)
    return "\n".join(lines)
