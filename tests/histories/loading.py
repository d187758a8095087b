"""Files of a small world, loaded by the loader's own statements: contract, quarantine, books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.ingestion import contract, manifest, schema
from orchestration.ingestion.books import Entry, enter, enter_totals
from orchestration.ingestion.contract import Column, Entity
from orchestration.ingestion.insert import insert_identity
from orchestration.ingestion.landing import LandedFile
from orchestration.ingestion.plans import FeedPlan, make_plan
from orchestration.ingestion.quarantine import quarantine
from orchestration.ingestion.sources import IDENTITY, Feed, Source
from orchestration.ingestion.staging import Delivered, Staging

from .recording import SOURCES
from .rows import Row

NOW = datetime(2021, 8, 31)  # noqa: DTZ001 (UTC, as the raw tables hold it)
ENTITIES = contract.load_contract()
_ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


@dataclass(frozen=True, repr=False)
class File:
    """One file as it is delivered: its place in the landing and its rows.

    Attributes:
        added: Nullable columns that the contract did not have before; the file fills them.
    """

    source: str
    feed: str
    dt: date
    name: str
    rows: tuple[Row, ...]
    added: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Relative to the landing."""
        return f"{self.source}/{self.feed}/dt={self.dt}/{self.name}.csv"

    def __repr__(self) -> str:
        """The path, and of each row what is not null."""
        names = [column.name for column in ENTITIES[self.feed].columns]
        rows = [
            {n: v for n, v in zip(names, row, strict=True) if v is not None} for row in self.rows
        ]
        return f"File({self.path}: {rows})"


def load(connection: duckdb.DuckDBPyConnection, delivery_id: int, file: File) -> None:
    """Load a file; what breaks the contract goes to the quarantine."""
    rows = as_arrow(file)
    numbers = pa.array(range(1, rows.num_rows + 1), pa.int64())
    connection.register("delivered_file", rows.append_column("_row_number", numbers))
    staging = Staging(connection)
    staging.clear()
    columns = tuple(
        (column.name, column.type.upper()) for column in extended(file.feed, file.added).columns
    )
    delivered = Delivered("select * from delivered_file", columns, len(file.rows))
    landed = LandedFile(file.path, Path(), file.source, file.feed, file.dt, "csv", None)
    entry = Entry(file.path, "loaded", file=landed)
    with manifest.transaction(connection):
        verdict = insert_identity(
            staging, _plan(file.source, file.feed, file.added), delivered, delivery_id
        )
        quarantined = quarantine(staging, entry, delivery_id, delivered)
        enter_totals(connection, delivery_id, verdict)
        counts = (len(file.rows), verdict.rows_accepted, quarantined)
        enter(connection, delivery_id, replace(entry, rows=counts), NOW)
    connection.unregister("delivered_file")


def ensure_contract(
    connection: duckdb.DuckDBPyConnection, added: dict[str, tuple[str, ...]]
) -> None:
    """Bring the raw tables to a contract with some nullable columns more, as every run does."""
    wanted = {name: extended(name, added.get(name, ())) for name in ENTITIES}
    zones = connection.execute("from raw.sources").fetchall()
    schema.ensure(connection, wanted, {row[0]: Source(*row, feeds={}) for row in zones})


def extended(feed: str, added: tuple[str, ...]) -> Entity:
    """Return an entity with some nullable columns more."""
    entity = ENTITIES[feed]
    more = tuple(Column(name, "varchar") for name in added)
    return replace(entity, columns=(*entity.columns, *more))


def copy_accepted(source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection) -> None:
    """Bring the deliveries that count to an empty warehouse, as if the newest had come first."""
    source.execute(
        "create or replace temp table renumbered as select delivery_id,"
        " row_number() over (order by delivery_id desc) as new_id"
        " from raw.deliveries where status = 'accepted'"
    )
    copied = {
        "deliveries": "select deliveries.* replace (new_id as delivery_id, 'loaded' as status)"
        " from raw.deliveries as deliveries inner join renumbered using (delivery_id)",
        "delivery_entities": "select new_id as delivery_id, entity, row_count"
        " from raw.delivery_entities inner join renumbered using (delivery_id)",
    }
    for name, entity in ENTITIES.items():
        columns = ", ".join(column.name for column in entity.columns)
        copied[name] = (
            f"select {columns}, source, new_id as _delivery_id, _row_number from raw.{name}"
            " inner join renumbered on _delivery_id = delivery_id"
        )
    for table, query in copied.items():
        rows = source.execute(query).to_arrow_table()
        if rows.num_rows:
            copy_rows(target, table, rows)
    ids = target.execute("select delivery_id from raw.deliveries order by all").fetchall()
    if ids:
        manifest.accept(target, [row[0] for row in ids], NOW)


def copy_rows(target: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Insert rows into a raw table."""
    target.register("copied", rows)
    target.execute(f"insert into raw.{table} by name select * from copied")
    target.unregister("copied")


def as_arrow(file: File) -> pa.Table:
    """The rows of a file as the contract types them."""
    columns = ENTITIES[file.feed].columns
    values = {
        column.name: pa.array([row[position] for row in file.rows], _ARROW[column.type])
        for position, column in enumerate(columns)
    }
    values |= {name: pa.array(["new"] * len(file.rows), pa.string()) for name in file.added}
    return pa.table(values)


@cache
def _plan(source: str, feed: str, added: tuple[str, ...]) -> FeedPlan:
    """The statements for the files of a feed, as the loader makes them."""
    entity = extended(feed, added)
    columns = tuple((column.name, column.type.upper()) for column in entity.columns)
    return make_plan(
        duckdb.connect(),
        Source(source, *SOURCES[source], feeds={}),
        Feed(source, feed, ((feed, IDENTITY),)),
        {feed: entity},
        Delivered("", columns, 0),
    )
