"""A small warehouse in the layout that the loader writes, filled by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.ingestion import schema
from orchestration.quality.contract import entities

from .small_rows import GOOD

MONDAY = dt.date(2024, 6, 3)


@dataclass
class Warehouse:
    """An open warehouse and the few ways in which tests fill it."""

    connection: duckdb.DuckDBPyConnection
    next_id: int = 1

    def deliver(
        self,
        entity: str = "orders",
        count: int = 40,
        *,
        day: dt.date = MONDAY,
        status: str = "loaded",
        quarantined: int = 0,
        sha256: str | None = None,
        path: str | None = None,
        **columns: str,
    ) -> int:
        """Store a delivery with `count` good rows; `columns` are SQL over the row number `i`."""
        delivery = self.next_id
        self.next_id += 1
        good = {
            **GOOD[entity](day, delivery),
            **columns,
            "source": "'native'",
            "_delivery_id": f"{delivery}",
            "_row_number": "i",
        }
        select = ", ".join(f"{sql} as {name}" for name, sql in good.items())
        self.connection.execute(
            f"insert into raw.{entity} by name select {select} from range(1, {count} + 1) rows(i)"
        )
        self.connection.execute(
            """insert into raw.deliveries by name select
                $id as delivery_id, 'native' as source, $feed as feed, $day as dt, $path as path,
                $sha256 as sha256, $read as rows_read, $count as rows_accepted,
                $quarantined as rows_quarantined, $status as status""",
            {
                "id": delivery,
                "feed": entity,
                "day": day,
                "path": path or f"native/{entity}/dt={day}/{delivery}.csv",
                "sha256": sha256 or f"{delivery}",
                "read": count + quarantined,
                "count": count,
                "quarantined": quarantined,
                "status": status,
            },
        )
        self.connection.execute(
            "insert into raw.delivery_entities values ($1, $2, $3)", [delivery, entity, count]
        )
        self.count_totals(delivery, entity)
        return delivery

    def count_totals(self, delivery: int, entity: str) -> None:
        """Make the control totals those of the rows that stand in the raw table."""
        self.connection.execute("delete from raw.control_totals where delivery_id = $1", [delivery])
        for total in entities()[entity].totals:
            self.connection.execute(
                f"insert into raw.control_totals select $1, $2, '{total}', sum({total}) "
                f"from raw.{entity} where _delivery_id = $1",
                [delivery, entity],
            )

    def history(self, days: int, entity: str = "orders", **columns: str) -> None:
        """Store accepted deliveries on the days before Monday."""
        for back in range(days, 0, -1):
            self.deliver(entity, day=MONDAY - dt.timedelta(days=back), status="accepted", **columns)

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run SQL, to plant a fault."""
        return self.connection.execute(sql)


@contextmanager
def open_warehouse(folder: Path) -> Iterator[Warehouse]:
    """Make a warehouse file with empty raw tables."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        schema.ensure(connection, entities(), {})
        connection.execute("insert into raw.sources values ('native', 'Asia/Shanghai', 'CNY')")
        yield Warehouse(connection)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse of one's own."""
    with open_warehouse(tmp_path) as opened:
        yield opened
