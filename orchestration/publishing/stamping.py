"""The `meta` tables: what a marts file was built from, written into the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

import duckdb

from orchestration.home import Home
from orchestration.publishing.cloning import require_no_wal
from orchestration.publishing.generations import (
    Generation,
    PublishError,
    newest_number,
    quoted,
    read_published,
)

_GENERATION = {
    "generation_id": "bigint",
    "run_id": "varchar",
    "change_seq": "bigint",
    "code_fingerprint": "varchar",
    "built_at": "timestamp",
    "previous_generation_id": "bigint",
}

_DELIVERIES = {
    "delivery_id": "bigint",
    "source": "varchar",
    "feed": "varchar",
    "dt": "date",
    "path": "varchar",
    "sha256": "varchar",
    "size_bytes": "bigint",
    "rows_read": "bigint",
    "rows_accepted": "bigint",
    "rows_quarantined": "bigint",
    "status": "varchar",
    "status_reason": "varchar",
    "notes": "varchar",
    "change_seq": "bigint",
    "loaded_at": "timestamp",
    "status_at": "timestamp",
}

_AUDITS = {
    "run_id": "varchar",
    "stage": "varchar",
    "delivery_id": "bigint",
    "table_name": "varchar",
    "expectation": "varchar",
    "column_name": "varchar",
    "severity": "varchar",
    "success": "boolean",
    "observed": "varchar",
    "unexpected_count": "bigint",
    "checked_at": "timestamp",
}

_WAITING = {
    "entity": "varchar",
    "waits_for": "varchar",
    "row_count": "bigint",
    "oldest_updated_at": "timestamp",
}


@dataclass(frozen=True)
class WaitingRow:
    """How many rows of an entity no mart shows because what they belong to has not come.

    `oldest_updated_at` is the earliest version time among them, in UTC.
    """

    entity: str
    waits_for: str
    row_count: int
    oldest_updated_at: datetime


@dataclass(frozen=True)
class AuditRow:
    """One verdict of one check, as `meta.audits` shows it to readers.

    `severity` is critical or warning; `observed` must hold no value of a personal column.
    """

    stage: str
    delivery_id: int | None
    table_name: str
    expectation: str
    column_name: str | None
    severity: str
    success: bool
    observed: str | None
    unexpected_count: int | None
    checked_at: datetime


def stamp(
    home: Home,
    *,
    run_id: str,
    code_fingerprint: str,
    audits: Sequence[AuditRow] = (),
    waiting: Sequence[WaitingRow] = (),
) -> Generation:
    """Write the tables of `meta` into the clone: what it was built from, and what is odd.

    The last step before `publish`: every other connection to the clone and to the warehouse is
    closed, the caller holds the writer lock. One transaction, checkpointed; doing it again
    replaces the stamp. The change head and the deliveries are read from the warehouse.

    Args:
        home: The home whose clone is stamped.
        run_id: The run that built the clone.
        code_fingerprint: Fingerprint of the models, macros and seeds that built it.
        audits: All verdicts of this run; those of earlier runs are replaced.
        waiting: What waits for its parent.

    Raises:
        PublishError: There is no clone or no warehouse, or one of them is still open.
    """
    for path in (home.marts_next, home.warehouse):
        if not path.exists():
            raise PublishError(f"{path.name} is absent: nothing was built that could be stamped.")
    published = read_published(home)
    previous = published.generation_id if published else None
    number = max(previous or 0, newest_number(home)) + 1
    spill = str(home.marts_next.with_name(f"{home.marts_next.name}.tmp"))
    try:
        with duckdb.connect(":memory:", config={"temp_directory": spill}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{quoted(home.marts_next)}' as marts")
            connection.execute(f"attach '{quoted(home.warehouse)}' as warehouse (read_only)")
            generation = Generation(
                number,
                run_id,
                _change_head(connection),
                code_fingerprint,
                datetime.now(UTC),
                previous,
            )
            connection.begin()
            _write(connection, generation, audits, waiting)
            connection.commit()
            connection.execute("checkpoint marts")
    except duckdb.Error as error:
        raise PublishError(f"The clone can't be stamped: {error}") from error
    require_no_wal(home.marts_next)
    return generation


def _write(
    connection: duckdb.DuckDBPyConnection,
    generation: Generation,
    audits: Sequence[AuditRow],
    waiting: Sequence[WaitingRow],
) -> None:
    """Replace the tables."""
    connection.execute("create schema if not exists marts.meta")
    _create(connection, "generation", _GENERATION)
    _create(connection, "deliveries", _DELIVERIES)
    _create(connection, "audits", _AUDITS)
    _create(connection, "waiting", _WAITING)
    connection.execute(
        "insert into marts.meta.generation values (?, ?, ?, ?, ?, ?)",
        _naive(astuple(generation)),
    )
    connection.execute(
        f"insert into marts.meta.deliveries select {', '.join(_DELIVERIES)}"
        " from warehouse.raw.deliveries order by delivery_id"
    )
    _insert(
        connection, "audits", _AUDITS, [(generation.run_id, *astuple(audit)) for audit in audits]
    )
    _insert(connection, "waiting", _WAITING, [astuple(row) for row in waiting])


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Fill a table of `meta` in one go."""
    if rows:
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        connection.execute(
            f"insert into marts.meta.{table} select {listed}",
            [list(column) for column in zip(*map(_naive, rows), strict=True)],
        )


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    """Make an empty table in `meta`, in place of an earlier one."""
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table marts.meta.{table} ({typed})")


def _change_head(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest change in raw; 0 when nothing has ever changed."""
    row = connection.execute(
        "select coalesce(max(change_seq), 0) from warehouse.raw.change_events"
    ).fetchone()
    return int(row[0]) if row else 0


def _naive(values: Sequence[object]) -> list[object]:
    """Turn aware times into the naive UTC ones that `timestamp` columns hold."""
    return [
        value.astimezone(UTC).replace(tzinfo=None)
        if isinstance(value, datetime) and value.tzinfo
        else value
        for value in values
    ]
