"""A very small platform: a few orders a day, delivered through the landing."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from orchestration.home import Home
from orchestration.ingestion.landing import deliver

DAYS = ("2021-08-01", "2021-08-02", "2021-08-03")

Rows = list[dict[str, object]]


def deliver_day(home: Home, day: str, *, orders: int = 3) -> None:
    """Deliver orders of a day with their lines, a claim and a livestream session."""
    if day == DAYS[0]:
        deliver_masters(home)
    ids = [f"{day}-{number}" for number in range(orders)]
    put(home, "orders", day, [_order(id_, day) for id_ in ids])
    put(home, "order_lines", day, [_line(id_, day) for id_ in ids])
    put(home, "claims", day, [_claim(ids[0], day)])
    put(home, "livestream_sessions", day, [_session(day)])


def deliver_masters(home: Home) -> None:
    """Deliver what orders refer to."""
    since = "2021-07-01T00:00:00Z"
    merchant = {"merchant_id": "m1", "merchant_type": "brand", "updated_at": since}
    product = {
        "product_id": "p1",
        "merchant_id": "m1",
        "category_id": "food",
        "updated_at": since,
    }
    customer = {
        "customer_id": "c1",
        "customer_name": "name-000001",
        "phone": "phone-000001",
        "gender": "female",
        "updated_at": since,
    }
    creator = {"creator_id": "cr1", "creator_type": "affiliate", "updated_at": since}
    put(home, "merchants", DAYS[0], [merchant])
    put(home, "products", DAYS[0], [product])
    put(home, "customers", DAYS[0], [customer])
    put(home, "creators", DAYS[0], [creator])


def put(home: Home, feed: str, day: str, rows: Rows, name: str = "part.csv") -> Path:
    """Deliver rows as one CSV file of the native source."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        with file.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return deliver(home, file, "native", feed, day)


def _order(order_id: str, day: str) -> dict[str, object]:
    return {
        "order_id": order_id,
        "merchant_id": "m1",
        "customer_id": "c1",
        "order_status": 5,
        "pay_type": 1,
        "currency_code": "CNY",
        "order_amount": 1200,
        "pay_amount": 1200,
        "freight_amount": 200,
        "receiver_name": "name-000001",
        "receiver_phone": "phone-000001",
        "created_at": f"{day}T04:00:00Z",
        "paid_at": f"{day}T04:01:00Z",
        "updated_at": f"{day}T05:00:00Z",
    }


def _line(order_id: str, day: str) -> dict[str, object]:
    return {
        "line_id": f"{order_id}-l",
        "order_id": order_id,
        "product_id": "p1",
        "session_id": f"s-{day}",
        "channel": "live",
        "item_count": 1,
        "order_amount": 1000,
        "pay_amount": 1000,
        "updated_at": f"{day}T05:00:00Z",
    }


def _claim(order_id: str, day: str) -> dict[str, object]:
    return {
        "claim_id": f"claim-{order_id}",
        "order_id": order_id,
        "line_id": f"{order_id}-l",
        "customer_id": "c1",
        "claim_type": 1,
        "claim_status": 12,
        "refund_status": 3,
        "currency_code": "CNY",
        "applied_amount": 500,
        "refund_amount": 500,
        "applied_at": f"{day}T06:00:00Z",
        "approved_at": f"{day}T07:00:00Z",
        "refunded_at": f"{day}T08:00:00Z",
        "updated_at": f"{day}T08:00:00Z",
    }


def _session(day: str) -> dict[str, object]:
    return {
        "session_id": f"s-{day}",
        "creator_id": "cr1",
        "merchant_id": "m1",
        "view_count": 1000,
        "viewer_count": 800,
        "started_at": f"{day}T03:00:00Z",
        "ended_at": f"{day}T06:00:00Z",
        "updated_at": f"{day}T06:10:00Z",
    }
