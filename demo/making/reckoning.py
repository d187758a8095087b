"""What has to come out of the delivered files, reckoned in plain Python from their good rows.

It shares no code with the pipeline: amounts are whole fen until they are written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from making.cases import Cases
from making.deliveries import Delivery
from making.draws import DAYS, SHANGHAI
from making.story import Row

KEYS = {"orders": "order_id", "order_lines": "line_id", "claims": "claim_id"}
SHOWN_DAYS = (DAYS[1], DAYS[2])
"""Days for which GMV is expected by category."""

Versions = dict[str, list[Row]]


def expect(files: list[Delivery], cases: Cases) -> dict[str, Any]:
    """Return all that the tests compare with, amounts as text in yuan."""
    waves = {wave: _Books(_counting(files, wave)).summary() for wave in (1, 2)}
    return {
        "deliveries": [_delivery(file, files) for file in files],
        "quarantine": [
            {
                "path": file.path,
                "row_number": number,
                "column_name": fault.column,
                "reason": fault.reason,
            }
            for file in files
            for number, fault in file.faults.items()
        ],
        "cases": {
            "orders": {name: order.id for name, order in cases.orders.items()},
            "claims": {name: claim.id for name, claim in cases.claims.items()},
        },
        "after_wave_1": waves[1],
        "after_wave_2": waves[2],
    }


def _delivery(file: Delivery, files: list[Delivery]) -> dict[str, Any]:
    replaced = file.wave == 1 and any(
        other.wave == 2 and other.path == file.path and other.status == "accepted"
        for other in files
    )
    read, accepted, quarantined = file.counts
    return {
        "wave": file.wave,
        "path": file.path,
        "status": "superseded" if replaced else file.status,
        "reason": file.reason,
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_quarantined": quarantined,
    }


def _counting(files: list[Delivery], wave: int) -> list[Delivery]:
    """The files whose rows count after a wave: of each path the last one that is accepted."""
    counting = {}
    for file in files:
        if file.wave <= wave and file.status == "accepted":
            counting[file.path] = file
    return list(counting.values())


class _Books:
    """The newest versions of all things, and what they add up to."""

    def __init__(self, files: list[Delivery]) -> None:
        self.orders = _newest(files, "orders")
        self.claims = _newest(files, "claims")
        self.lines: dict[str, list[Row]] = defaultdict(list)
        self.waiting_lines = 0
        for line in _newest(files, "order_lines").values():
            if line["order_id"] in self.orders:
                self.lines[line["order_id"]].append(line)
            else:
                self.waiting_lines += 1
        self.categories: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for row in _rows(files, "products"):
            self.categories[row["product_id"]].append((row["updated_at"], row["category_id"]))

    def summary(self) -> dict[str, Any]:
        by_day, by_category, by_session = self._gmv()
        known = [claim for claim in self.claims.values() if claim["order_id"] in self.lines]
        refunds: Counter[str] = Counter()
        for claim in known:
            if claim["refund_status"] == 3:
                refunds[_day(claim["refunded_at"])] += claim["refund_amount"]
        return {
            "orders": len(self.orders),
            "order_lines": sum(map(len, self.lines.values())),
            "claims": len(known),
            "waiting_order_lines": self.waiting_lines,
            "waiting_claims": len(self.claims) - len(known),
            "gmv_by_day": _yuan(by_day),
            "gmv_by_day_and_category": {
                day: _yuan(by_category[day]) for day in map(str, SHOWN_DAYS)
            },
            "gmv_by_session": _yuan(by_session),
            "refunded_by_day": _yuan(refunds),
        }

    def _gmv(self) -> tuple[Counter[str], dict[str, Counter[str]], Counter[str]]:
        by_day: Counter[str] = Counter()
        by_category: dict[str, Counter[str]] = defaultdict(Counter)
        by_session: Counter[str] = Counter()
        for key, lines in self.lines.items():
            order = self.orders[key]
            if order["paid_at"] is None:
                continue
            day = _day(order["paid_at"])
            for line, freight in _with_freight(order["freight_amount"], lines):
                amount = line["pay_amount"] + freight
                by_day[day] += amount
                by_category[day][self._category(line["product_id"], order["paid_at"])] += amount
                if line["session_id"]:
                    by_session[line["session_id"]] += amount
        return by_day, by_category, by_session

    def _category(self, product: str, paid: datetime) -> str:
        versions = sorted(self.categories[product])
        in_force = [category for since, category in versions if since <= paid]
        return in_force[-1] if in_force else versions[0][1]


def _rows(files: list[Delivery], feed: str) -> Iterable[Row]:
    return (row for file in files if file.feed == feed for row in file.good_rows)


def _newest(files: list[Delivery], feed: str) -> dict[str, Row]:
    """The newest version of each thing; of equal ones that of the later dt, path and row."""
    versions = [
        (row["updated_at"], file.dt, file.path, number, row)
        for file in files
        if file.feed == feed
        for number, row in enumerate(file.rows, 1)
        if number not in file.faults
    ]
    return {version[4][KEYS[feed]]: version[4] for version in sorted(versions, key=lambda v: v[:4])}


def _with_freight(freight: int, lines: list[Row]) -> Iterable[tuple[Row, int]]:
    """Share the freight by what the lines cost; the last line takes the rest."""
    goods, left = sum(line["pay_amount"] for line in lines), freight
    ordered = sorted(lines, key=lambda line: str(line["line_id"]))
    for line in ordered[:-1]:
        share = freight * line["pay_amount"] // goods if goods else 0
        left -= share
        yield line, share
    yield ordered[-1], left


def _day(moment: datetime) -> str:
    return str(moment.astimezone(SHANGHAI).date())


def _yuan(amounts: Counter[str]) -> dict[str, str]:
    return {name: f"{Decimal(fen) / 100:.2f}" for name, fen in sorted(amounts.items())}
