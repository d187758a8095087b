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
            **_GOOD[entity](day, delivery),
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


def _orders(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "order_id": f"'{delivery}-' || i",
        "merchant_id": "'m1'",
        "customer_id": "'c' || i",
        "order_status": "105",
        "currency_code": "'CNY'",
        "order_amount": "12000",
        "pay_amount": "10000 + i",
        "freight_amount": "500",
        "receiver_name": "'Secret Name ' || i",
        "receiver_phone": "'13800000000'",
        "created_at": at,
        "paid_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _order_lines(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "line_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "product_id": "'p1'",
        "creator_id": "'k1'",
        "session_id": "'s1'",
        "channel": "'live'",
        "item_count": "1",
        "order_amount": "12000",
        "pay_amount": "9500 + i",
        "updated_at": f"timestamp '{day} 04:02:00'",
    }


def _claims(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "claim_id": f"'{delivery}-' || i",
        "order_id": "'1-' || i",
        "customer_id": "'c' || i",
        "claim_type": "1",
        "claim_status": "12",
        "refund_status": "3",
        "reason": "'broken'",
        "currency_code": "'CNY'",
        "applied_amount": "9000",
        "refund_amount": "9000",
        "applied_at": at,
        "approved_at": f"{at} + interval 1 minute",
        "refunded_at": f"{at} + interval 2 minute",
        "updated_at": f"{at} + interval 3 minute",
    }


def _sessions(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "session_id": f"'{delivery}-' || i",
        "creator_id": "'k1'",
        "view_count": "100",
        "viewer_count": "80",
        "peak_online_count": "30",
        "product_exposure_count": "500",
        "product_click_count": "50",
        "started_at": at,
        "updated_at": f"{at} + interval 3 hour",
    }


def _products(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "product_id": "'p' || i",
        "merchant_id": "'m1'",
        "product_name": "'Tea ' || i",
        "category_id": "'food'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _merchants(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "merchant_id": "'m' || i",
        "merchant_name": "'Shop ' || i",
        "merchant_type": "'brand'",
        "contact_phone": "'13900000000'",
        "opened_at": "timestamp '2020-01-01'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _creators(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "creator_id": "'k' || i",
        "creator_name": "'Secret Host ' || i",
        "creator_type": "'self_run'",
        "follower_count": "1000",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _customers(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "customer_id": "'secret-' || i",
        "customer_name": "'Secret Name ' || i",
        "phone": "'13700000000'",
        "registered_at": "timestamp '2021-01-01'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


_GOOD = {
    "orders": _orders,
    "order_lines": _order_lines,
    "claims": _claims,
    "livestream_sessions": _sessions,
    "products": _products,
    "merchants": _merchants,
    "creators": _creators,
    "customers": _customers,
}
ENTITIES = tuple(_GOOD)
