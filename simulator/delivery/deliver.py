"""All files of all feeds, with the faults that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from simulator.contract import entities
from simulator.delivery import books
from simulator.delivery.cells import Writer, write_cell, write_extras, write_rows
from simulator.delivery.faults import Faults
from simulator.delivery.mutations import mutations
from simulator.delivery.plan_files import plan_files
from simulator.delivery.plan_rows import plan_rows
from simulator.delivery.relations import FileRows
from simulator.delivery.staging import deliver_months, stage, windows_to_stage
from simulator.delivery.windows import FORMATS, Cell, draw, folder_of, windows
from simulator.parameters import Parameters

FAR_FUTURE = date(2099, 1, 1)
FAR_FUTURE_ROWS = 10


def deliver(
    connection: duckdb.DuckDBPyConnection, parameters: Parameters, out: Path, faults: Faults
) -> None:
    """Write `landing` and, when there are corrected files, `earlier`; keep the books of it.

    Months before the last days come as one Parquet file per feed, the last days day by day in
    mixed formats. A file holds what changed in its stretch of time, in the state at its end.
    Delivering `landing` alone, or `earlier` first and `landing` over it, ends in the same rows.

    Args:
        connection: Holds the truth; takes the schema `delivery`.
        parameters: Of the history.
        out: The folder above the stages.
        faults: Which faults, and how many.
    """
    spans = windows(parameters)
    seed = parameters.seed
    books.open_books(connection, spans)
    all_mutations = mutations(entities())
    writer = Writer(connection, out, all_mutations, seed)
    cells: list[Cell] = []
    with _two_threads(connection), _one_transaction(connection):
        for entity in entities().values():
            staged = windows_to_stage(entity, spans, faults, seed)
            deliver_months(connection, entity, [s for s in spans if s not in staged], out)
            cells += stage(connection, entity, staged)
        delivered = [entities()[name] for name in dict.fromkeys(cell.entity for cell in cells)]
        plan_rows(connection, delivered, all_mutations, faults, seed)
        spoilt = plan_files(cells, faults, seed)
        for cell in cells:
            write_cell(writer, cell, spoilt.get(cell))
        write_extras(writer)
        if faults.far_future_dt:
            _write_far_future(writer, cells, faults.far_future_dt)
        books.close_books(connection)


def _write_far_future(writer: Writer, cells: list[Cell], rate: float) -> None:
    """Write a few rows once more under a date that has not come."""
    daily = [cell for cell in cells if cell.window.is_daily]
    daily.sort(key=lambda cell: draw(writer.seed, "far future", cell.path()))
    last = list({cell.entity: cell for cell in daily}.values())
    for cell in last[: max(1, int(rate * len(daily)))]:
        path = f"{folder_of(cell.entity, FAR_FUTURE)}/{cell.entity}.{FORMATS[cell.entity]}"
        part = f"rows._row <= {FAR_FUTURE_ROWS}"
        entity = entities()[cell.entity]
        rows = write_rows(writer, FileRows("landing", path, cell.format, entity, cell, part))
        writer.connection.execute("delete from delivery.files where path = $1", [path])
        books.add_file(writer.connection, path, rows, status="held")
        note = "rows of a past day under a date that has not come"
        books.plant_file(writer.connection, "far_future_dt", path, "held", note)


@contextmanager
def _two_threads(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Use two threads or more: DuckDB cuts Parquet files otherwise with a single one."""
    row = connection.execute("select current_setting('threads')").fetchone()
    threads = int(row[0]) if row else 2
    connection.execute(f"set threads = {max(2, threads)}")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


@contextmanager
def _one_transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit once: thousands of small ones would each wait for the disk."""
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
