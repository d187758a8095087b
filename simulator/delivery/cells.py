"""The files of staged cells, with the faults that were planned for them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.contract import entities
from simulator.delivery import books
from simulator.delivery.corrections import plan_correction
from simulator.delivery.faults import HARMLESS, SAME_CONTENT
from simulator.delivery.mutations import Mutation
from simulator.delivery.relations import FileRows, columns_of, rows_sql
from simulator.delivery.sidecars import LIES, write_sidecar
from simulator.delivery.windows import Cell, draw
from simulator.delivery.writing import write

RIGHT_SIDECARS = 0.1
"""Share of untouched files that have a right sidecar."""


@dataclass(frozen=True)
class Writer:
    """What the writing of a cell needs.

    Attributes:
        out: The folder above the stages.
    """

    connection: duckdb.DuckDBPyConnection
    out: Path
    mutations: Sequence[Mutation]
    seed: int

    def file(self, path: str, stage: str = "landing") -> Path:
        """Return where a file lies."""
        return self.out / stage / path


def write_rows(writer: Writer, file: FileRows) -> int:
    """Write a file, and note it and what is planted in it; return the number of its rows."""
    connection = writer.connection
    connection.execute(
        "create or replace temp table file_rows as"
        " select row_number() over (order by _place, _tie) as _number, *"
        f" from ({rows_sql(file, writer.mutations)}) order by _number"
    )
    rows = write(
        connection,
        f"select {columns_of(file)} from file_rows",
        writer.file(file.path, file.stage),
        file.format,
    )
    connection.execute(
        "insert into delivery.planted select _kind, $1, $2, _number, $3, _key, _column,"
        " _found_by, _note from file_rows where _kind is not null order by _number",
        [file.stage, file.path, file.entity.name],
    )
    refused = connection.execute(
        "select count(*) from file_rows where _found_by = 'quarantine'"
    ).fetchone()
    if rows:
        quarantined = int(refused[0]) if refused else 0
        books.add_file(connection, file.path, rows, stage=file.stage, quarantined=quarantined)
    return rows


def write_cell(writer: Writer, cell: Cell, fault: str | None) -> None:
    """Write the file or files of a cell."""
    match fault:
        case "split":
            _split(writer, cell)
        case "corrected":
            _own(writer, cell)
            plan_correction(writer.connection, cell, writer.mutations, writer.seed)
            write_rows(writer, _of(cell, stage="earlier"))
        case None:
            _own(writer, cell)
            if draw(writer.seed, "sidecar", cell.path()) < RIGHT_SIDECARS and not cell.allows_rows:
                _sidecar(writer, cell, "")
        case _:
            rows = write_rows(writer, _of(cell))
            _spoil(writer, cell, fault, rows)


def write_extras(writer: Writer) -> None:
    """Write the files that consist of nothing but planted rows."""
    paths = writer.connection.execute(
        "select distinct path, entity from delivery.extras"
        " where path not in (select path from delivery.cells) order by path"
    ).fetchall()
    for path, entity in paths:
        file_format = path.split("/")[-1].partition(".")[2]
        write_rows(writer, FileRows("landing", path, file_format, entities()[entity]))


def _of(cell: Cell, path: str = "", part: str = "true", stage: str = "landing") -> FileRows:
    return FileRows(stage, path or cell.path(), cell.format, entities()[cell.entity], cell, part)


def _own(writer: Writer, cell: Cell) -> None:
    write_rows(writer, _of(cell))


def _sidecar(writer: Writer, cell: Cell, lie: str, tag: str = "") -> None:
    file = writer.file(cell.path(tag))
    write_sidecar(writer.connection, file, entities()[cell.entity], cell, lie)


def _split(writer: Writer, cell: Cell) -> None:
    half = cell.rows // 2
    for tag, part in (("-part-1", f"rows._row <= {half}"), ("-part-2", f"rows._row > {half}")):
        write_rows(writer, _of(cell, cell.path(tag), part))
    note = "the day's rows stand in two files"
    books.plant_file(writer.connection, "split", cell.path("-part-2"), HARMLESS, note)


def _spoil(writer: Writer, cell: Cell, fault: str, rows: int) -> None:
    """Copy a right file under another name, and make the first one what the fault says."""
    connection, spoilt = writer.connection, writer.file(cell.path())
    tag = "-again" if fault == "same_file_again" else "-resent"
    shutil.copyfile(spoilt, writer.file(cell.path(tag)))
    books.add_file(connection, cell.path(tag), rows)
    if fault == "same_file_again":
        note = f"the content of {spoilt.name}"
        books.plant_file(connection, fault, cell.path(tag), SAME_CONTENT, note)
        return
    status = "rejected"
    if fault == "wrong_sidecar":
        lie = LIES[int(draw(writer.seed, "lie", cell.path()) * len(LIES))]
        _sidecar(writer, cell, lie)
        _sidecar(writer, cell, "", tag)
        status, note = "held", f"its sidecar is wrong about {lie}"
    elif fault == "truncated":
        content = spoilt.read_bytes()
        spoilt.write_bytes(content[: len(content) * 3 // 5])
        note = "cut off after three fifths of its bytes"
    else:
        spoilt.write_bytes(b"")
        note = "has no byte"
    connection.execute("delete from delivery.files where path = $1", [cell.path()])
    books.add_file(connection, cell.path(), rows, status=status)
    books.plant_file(connection, fault, cell.path(), status, f"{note}; its rows come as {tag[1:]}")
