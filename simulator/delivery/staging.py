"""Past months straight into their files; days, and months with faults, into tables first."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb

from simulator import money, world
from simulator.contract import Entity
from simulator.delivery import books
from simulator.delivery.faults import Faults
from simulator.delivery.windows import Cell, Window, draw, format_of, path_of
from simulator.delivery.writing import write

FAULTY_MONTHS = ("orders", "order_lines", "claims", "products", "refund_orders")
"""Feeds of which one past month has faults."""
CORRECTED_MONTHS = ("claims",)
"""Those whose month has file faults instead of row faults."""


def state_sql(entity: str, after: datetime, until: datetime, created_from: date | None) -> str:
    """Return the select of what changed of an entity, whoever made it."""
    of = money.state_sql if entity in money.ENTITIES else world.state_sql
    return of(entity, after, until, created_from)


def deliver_months(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    spans: list[Window],
    out: Path,
) -> None:
    """Write the files of months that no fault touches."""
    for span in spans:
        query = state_sql(entity.name, span.after, span.until, span.created_from)
        path = path_of(entity.name, span)
        rows = write(connection, query, out / "landing" / path, format_of(entity.name, span))
        if rows:
            books.add_file(connection, path, rows)


def stage(connection: duckdb.DuckDBPyConnection, entity: Entity, spans: list[Window]) -> list[Cell]:
    """Keep what changed in each window as rows with `_dt` and `_row`, which counts from 1."""
    columns = ", ".join(f"{name} {kind}" for name, kind in entity.types.items())
    table = f"delivery.staged_{entity.name}"
    connection.execute(f"create or replace table {table} (_dt date, _row bigint, {columns})")
    cells = []
    for span in spans:
        query = state_sql(entity.name, span.after, span.until, span.created_from)
        row = connection.execute(
            f"insert into {table} select date '{span.dt}', row_number() over (), states.*"
            f" from ({query}) as states"
        ).fetchone()
        if row and row[0]:
            cells.append(Cell(entity.name, span, int(row[0]), _allows_rows(entity, span)))
            books.add_cell(connection, cells[-1])
    return cells


def windows_to_stage(
    entity: Entity, spans: list[Window], faults: Faults, seed: int
) -> list[Window]:
    """Return the days, and the past month that has faults."""
    months = [span for span in spans if not span.is_daily]
    chosen = [span for span in spans if span.is_daily]
    if months and entity.name in FAULTY_MONTHS and not faults.are_files_clean:
        early = months[: max(1, len(months) * 2 // 3)]
        chosen.insert(0, early[int(draw(seed, "month", entity.name) * len(early))])
    return chosen


def _allows_rows(entity: Entity, span: Window) -> bool:
    """Say whether row faults may be planted: row and file faults stay apart."""
    return span.index % 2 == 0 if span.is_daily else entity.name not in CORRECTED_MONTHS
