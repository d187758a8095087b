"""A shop whose refunds of July are instructed, billed by WeChat Pay and funded."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from orchestration.home import Home
from tests.ingestion.bills import Row, wechat
from tests.small_landing import deliver_masters, put

FIRST, LAST = date(2021, 7, 20), date(2021, 8, 3)
REFUNDS = {
    "1": (date(2021, 7, 20), 1000),
    "2": (date(2021, 7, 29), 1200),
    "3": (date(2021, 7, 30), 300),
    "4": (date(2021, 7, 31), 450),
    "5": (date(2021, 8, 1), 700),
}
"""Day and fen; the first one is not in the bill of its day."""
MISSING = date(2021, 7, 25)
"""A day without a bill, not even an empty one."""
ORPHAN = "9"
"""In the bill of August 1, of a number that nobody has instructed."""
LATE = {"6": (date(2021, 7, 30), 250)}
"""A refund of July that nobody tells of before August 4."""
LATER = {"7": (date(2021, 7, 29), 333)}
"""Another one, that nobody tells of before August 7."""


def deliver(home: Home) -> None:
    """Deliver everything up to August 3."""
    deliver_masters(home)
    _deliver_trail(home, "2021-07-31", {n: r for n, r in REFUNDS.items() if r[0].month == 7})
    _deliver_trail(home, "2021-08-01", {n: r for n, r in REFUNDS.items() if r[0].month == 8})
    for day in ("2021-08-02", "2021-08-03"):  # nothing new, but the day is there
        _deliver_trail(home, day, {"1": REFUNDS["1"]})
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    for day in days:
        if day != MISSING:
            of_day = {ORPHAN: (day, 99)} if day == date(2021, 8, 1) else {}
            of_day |= {n: r for n, r in REFUNDS.items() if r[0] == day and n != "1"}
            deliver_bill(home, day, of_day)


def deliver_bill(home: Home, day: date, refunds: dict[str, tuple[date, int]]) -> None:
    """Deliver the bill of a day."""
    rows = [
        Row(
            f"5030{number}",
            f"r{number}",
            str(Decimal(fen) / 100),
            f"-{(fen * 60 + 5000) // 10000 / Decimal(100):.5f}",
            time=f"{day} 18:00:00",
            order=f"o{number}",
        )
        for number, (_, fen) in refunds.items()
    ]
    folder = home.landing / "wechat_pay" / "trade_bill_all" / f"dt={day}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bill.csv").write_bytes(wechat(*rows))


def deliver_late(home: Home) -> None:
    """Deliver what comes too late: a bill again, a refund, claims corrected, a file replaced."""
    deliver_bill(home, FIRST, {"1": REFUNDS["1"]})
    deliver_bill(home, LATE["6"][0], {"3": REFUNDS["3"]} | LATE)
    _deliver_trail(home, "2021-08-04", LATE)
    put(
        home, "claims", "2021-08-05", [_corrected("2", 5, fen=1100), _corrected("4", 5, "platform")]
    )
    flows = [_flow(n, *r) for n, r in REFUNDS.items() if r[0].month == 7]
    flows[2]["amount"] = 310
    put(home, "fund_flows", "2021-07-31", flows)


def deliver_later(home: Home) -> None:
    """Deliver on further days: the claim corrected once more, a refund that nobody knew, a bill."""
    put(home, "claims", "2021-08-06", [_corrected("2", 6, fen=1050)])
    _deliver_trail(home, "2021-08-07", LATER)
    deliver_bill(home, LATER["7"][0], {"2": REFUNDS["2"]} | LATER)
    deliver_bill(home, LATE["6"][0], LATE)  # without the payout that it had


def deliver_after_august(home: Home) -> None:
    """Deliver on another day: the payer corrected once more, and a claim of August."""
    put(home, "claims", "2021-08-06", [_corrected("4", 6, "insurer"), _corrected("5", 6, fen=650)])


def _deliver_trail(home: Home, day: str, refunds: dict[str, tuple[date, int]]) -> None:
    """Deliver orders, lines, claims, refund orders and fund flows."""
    put(home, "orders", day, [_order(n, *r) for n, r in refunds.items()])
    put(home, "order_lines", day, [_line(n, *r) for n, r in refunds.items()])
    put(home, "claims", day, [_claim(n, *r) for n, r in refunds.items()])
    put(home, "refund_orders", day, [_refund_order(n, *r) for n, r in refunds.items()])
    put(home, "fund_flows", day, [_flow(n, *r) for n, r in refunds.items()])


def _order(number: str, day: date, fen: int) -> dict[str, object]:
    paid = day - timedelta(days=5)
    return {
        "order_id": f"o{number}",
        "merchant_id": "m1",
        "customer_id": "c1",
        "order_status": 5,
        "pay_type": 1,
        "currency_code": "CNY",
        "order_amount": 2000,
        "pay_amount": 2000,
        "freight_amount": 0,
        "created_at": f"{paid} 04:00:00",
        "paid_at": f"{paid} 04:01:00",
        "updated_at": f"{paid} 05:00:00",
    }


def _line(number: str, day: date, fen: int) -> dict[str, object]:
    return {
        "line_id": f"l{number}",
        "order_id": f"o{number}",
        "product_id": "p1",
        "channel": "live",
        "item_count": 1,
        "order_amount": 2000,
        "pay_amount": 2000,
        "updated_at": f"{day - timedelta(days=5)} 05:00:00",
    }


def _corrected(
    number: str, august: int, payer: str = "merchant", fen: int | None = None
) -> dict[str, object]:
    """A claim as it stands since a day of August."""
    day, fen_before = REFUNDS[number]
    later = {"payer": payer, "updated_at": f"2021-08-{august:02} 01:00:00"}
    return _claim(number, day, fen or fen_before) | later


def _claim(number: str, day: date, fen: int) -> dict[str, object]:
    return {
        "claim_id": f"k{number}",
        "order_id": f"o{number}",
        "line_id": f"l{number}",
        "customer_id": "c1",
        "claim_type": 1,
        "claim_status": 12,
        "refund_status": 3,
        "payer": "merchant",
        "currency_code": "CNY",
        "applied_amount": fen,
        "refund_amount": fen,
        "applied_at": f"{day} 06:00:00",
        "approved_at": f"{day} 07:00:00",
        "refunded_at": f"{day} 11:00:00",
        "updated_at": f"{day} 11:00:00",
    }


def _refund_order(number: str, day: date, fen: int) -> dict[str, object]:
    return {
        "refund_order_id": f"r{number}",
        "claim_id": f"k{number}",
        "order_id": f"o{number}",
        "attempt_number": 1,
        "pay_channel": "wechat",
        "payer": "merchant",
        "route": "original",
        "refund_order_status": "succeeded",
        "channel_refund_id": f"5030{number}",
        "currency_code": "CNY",
        "refund_amount": fen,
        "instructed_at": f"{day} 10:00:00",
        "due_at": f"{day + timedelta(days=3)} 10:00:00",
        "succeeded_at": f"{day} 11:00:00",
        "updated_at": f"{day} 11:00:00",
    }


def _flow(number: str, day: date, fen: int) -> dict[str, object]:
    return {
        "fund_flow_id": f"f{number}",
        "merchant_id": "m1",
        "account_holder": "merchant",
        "refund_order_id": f"r{number}",
        "order_id": f"o{number}",
        "direction": 1,
        "scene": 25,
        "currency_code": "CNY",
        "amount": fen,
        "flowed_at": f"{day} 11:00:00",
        "updated_at": f"{day} 11:00:00",
    }
