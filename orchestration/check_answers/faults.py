"""Which of the planted faults were noticed, and which alarms no planted fault explains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.check_answers.comparisons.finance import BREAKS
from orchestration.home import Home

LISTED = 100
"""Missed faults that are listed per kind."""
SQL = (Path(__file__).parent / "faults.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class FaultsFound:
    """Planted faults of one kind.

    Attributes:
        found_by: What must notice them.
        planted: How many there are in the files that were delivered.
        found: How many of them were noticed; None where nothing has to.
        missed: The first that were not.
    """

    kind: str
    found_by: str
    planted: int
    found: int | None
    missed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Alarm:
    """Something that was noticed where no fault of that kind was planted.

    Attributes:
        path: The file, or the entity whose rows wait.
        rows: How many rows are concerned; 1 for a file as a whole.
    """

    path: str
    found_by: str
    rows: int


def found_faults(home: Home, answers: Path) -> tuple[list[FaultsFound], list[Alarm]]:
    """Join the planted faults with what the loader, the audits and the reconciliation noticed.

    Reads the warehouse (nobody may be writing it), the published file and the records of all runs.
    A fault in a file that was not delivered does not count.

    Args:
        home: Where the simulated history was loaded.
        answers: The folder of its answers.
    """
    with duckdb.connect(":memory:") as connection:
        for alias, path in (("warehouse", home.warehouse), ("marts", home.published)):
            connection.execute(f"attach '{_quoted(path)}' as {alias} (read_only)")
        planted = _quoted(answers / "planted_faults.parquet")
        connection.execute(f"create view planted as from '{planted}'")
        connection.execute(
            "create table audits (delivery_id bigint, found_by varchar, row_count bigint,"
            " row_numbers bigint[])"
        )
        connection.executemany(
            "insert into audits values ($1, $2, $3, $4)", [*_audits(home), _NONE]
        )
        connection.execute(SQL)
        kinds = connection.execute("from kinds order by all").fetchall()
        alarms = connection.execute("from alarms order by all").fetchall()
        found = [
            FaultsFound(kind, found_by, planted, count, _missed(connection, kind, found_by))
            for kind, found_by, planted, count in kinds
        ]
        found += _breaks(connection, answers)
        return found, [Alarm(*alarm) for alarm in alarms]


def _breaks(connection: duckdb.DuckDBPyConnection, answers: Path) -> list[FaultsFound]:
    """Return the breaks planted in the money trail by class; what is open has found them.

    The comparison, whose columns these are, says break by break which are missing or invented.
    """
    mart = connection.execute(
        "select 1 from duckdb_tables()"
        " where database_name = 'marts' and concat(schema_name, '.', table_name) = $1",
        [BREAKS.mart],
    ).fetchall()
    planted = answers / f"{BREAKS.answer}.parquet"
    if not mart or not planted.exists():
        return []
    columns = (*BREAKS.keys, *BREAKS.values)
    same = " and ".join(f"planted.{name} is not distinct from breaks.{name}" for name in columns)
    rows = connection.execute(
        f"""
        select
            lower(planted.break_class), count(*), count(breaks.break_class),
            coalesce(
                list(planted.refund_order_id) filter (where breaks.break_class is null), []
            )[:{LISTED}]
        from '{_quoted(planted)}' as planted
        left join ({BREAKS.query}) as breaks on {same}
        group by planted.break_class
        order by planted.break_class"""
    ).fetchall()
    return [
        FaultsFound(kind, "open break", count, found, [{"refund order": key} for key in missed])
        for kind, count, found, missed in rows
    ]


_NONE: tuple[Any, ...] = (None, None, 0, [])


def _audits(home: Home) -> Iterator[tuple[int, str, int, list[int]]]:
    """Yield delivery, audit, failing rows and the numbers of some for each that did not hold."""
    for file in sorted((home.logs / "runs").glob("*.json")):
        for audit in json.loads(file.read_text(encoding="utf-8"))["audits"]:
            if audit["delivery_id"] is None or audit["severity"] == "critical":
                continue
            numbers = [key["_row_number"] for key in audit["sample"] if "_row_number" in key]
            found_by = f"audit:{audit['rule']}"
            yield audit["delivery_id"], found_by, audit["unexpected_count"], numbers


def _missed(
    connection: duckdb.DuckDBPyConnection, kind: str, found_by: str
) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select path, row_number, entity, key from judged where kind = $1 and found_by = $2"
        f" and not is_found order by fault_id limit {LISTED}",
        [kind, found_by],
    ).fetchall()
    return [dict(zip(("path", "row", "entity", "key"), row, strict=True)) for row in rows]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
