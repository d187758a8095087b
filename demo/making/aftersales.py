"""After-sale claims: who makes one, and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from making.draws import DAYS, Key, at, between, digits, draw, end_of, later
from making.kinds import KINDS, Kind, Span
from making.story import Story
from making.trading import HOUR, Line, Order

START, HORIZON = at(DAYS[0], "00:00:00"), end_of(DAYS[4])


@dataclass
class Claim:
    """A claim about one line of an order, or about the whole order. Amounts in fen."""

    order: Order
    line: Line | None
    right: str | None
    claim_type: int
    reason: str
    applied: datetime
    applied_amount: int
    late: bool = False
    steps: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The claim's id."""
        return digits("70", 19, "claim", self.order.number, self.reason)

    def approve(self, moment: datetime) -> None:
        """The merchant, or the platform for him, agrees."""
        status, refund = {0: (7, 1), 3: (7, None), 7: (8, None)}.get(self.claim_type, (12, 2))
        deadline = moment + timedelta(days=7) if status == 7 else None
        changes = {"claim_status": status, "refund_status": refund, "deadline_at": deadline}
        self.steps.append((moment, {**changes, "approved_at": moment}))

    def take_back(self, moment: datetime) -> None:
        """The returned goods arrive at the merchant."""
        status = 13 if self.claim_type == 3 else 11
        deadline = moment + timedelta(days=2)
        changes = {"claim_status": status, "return_received_at": moment, "deadline_at": deadline}
        self.steps.append((moment, changes))

    def refund(self, moment: datetime, amount: int) -> None:
        """The money is paid out."""
        changes = {"claim_status": 12, "refund_status": 3, "refund_amount": amount}
        times = {"refunded_at": moment, "ended_at": moment, "deadline_at": None}
        self.steps.append((moment, changes | times))

    def close(self, moment: datetime, **changes: int) -> None:
        """The claim ends without a refund, or gets stuck."""
        ended = moment if changes.get("claim_status") in (14, 28) else None
        self.steps.append((moment, {**changes, "ended_at": ended, "deadline_at": None}))


def make_claims(orders: list[Order]) -> list[Claim]:
    """Make the claims of every kind; an order has at most one.

    Those before shipment cancel their order.
    """
    claims: list[Claim] = []
    used: set[int] = set()
    for kind in KINDS:
        ranked = sorted(orders, key=lambda order: draw("claimed", kind.name, order.number))
        found = (claim for order in ranked if (claim := _claim(kind, order, used)))
        for claim in islice(found, kind.count):
            used.add(claim.order.number)
            claims.append(claim)
    return claims


def _claim(kind: Kind, order: Order, used: set[int]) -> Claim | None:
    applied = None if order.number in used else _applied(kind, order)
    line = max(order.lines, key=lambda one: one.pay_amount)
    if applied is None or (kind.categories and line.product.category not in kind.categories):
        return None
    whole = kind.claim_type == 2 and (len(order.lines) > 1 or order.freight > 0)
    paid = order.pay_amount if whole else line.pay_amount
    share = between(*kind.share, "share", order.number)
    claim = Claim(
        order,
        None if whole else line,
        kind.right,
        kind.claim_type,
        kind.reason,
        applied,
        paid * share // 100,
        kind.late,
    )
    _go_on(kind, claim)
    if kind.late and claim.steps[-1][0] >= end_of(DAYS[2]):
        return None
    if kind.claim_type == 2 and not _cancels(claim):
        return None
    return claim


def _applied(kind: Kind, order: Order) -> datetime | None:
    """Return when the buyer applies, or None if the order doesn't suit this kind of claim."""
    origin = order.paid if kind.after == "payment" else order.received
    if origin is None or order.cancelled or (kind.late and order.created >= START):
        return None
    applied = _after(origin, kind.apply, "applied", order.number)
    end = HORIZON if order.number % 5 == 0 else end_of(DAYS[3])
    return applied if START <= applied < end else None


def _cancels(claim: Claim) -> bool:
    """Cancel the order unless it is shipped before it can be."""
    refunded = claim.steps[-1][0]
    order = claim.order
    if order.shipped and order.shipped < refunded:
        return False
    order.cancel(refunded)
    return True


def _go_on(kind: Kind, claim: Claim) -> None:
    """Let the claim be approved or not, the goods go back, the money be paid out."""
    key = claim.order.number
    answered = _after(claim.applied, kind.approve, "approved", key)
    if kind.end == "pending":
        return
    if kind.end == "refused":
        claim.close(answered, claim_status=27)
        claim.close(_after(answered, (6, 20), "closed", key), claim_status=28)
        return
    claim.approve(answered)
    moment = answered
    if kind.back:
        moment = _after(answered, kind.back, "back", key)
        claim.take_back(moment)
    moment = _after(moment, kind.refund, "refunded", key)
    if kind.end == "refunded":
        claim.refund(moment, claim.applied_amount)
    elif kind.end == "failed":
        claim.close(moment, refund_status=4)
    else:
        claim.close(_after(moment, (16, 30), "replaced", key), claim_status=14)


def _after(moment: datetime, hours: Span, *key: Key) -> datetime:
    return later(moment, int(hours[0] * HOUR), int(hours[1] * HOUR), *key)


def claim_story(claim: Claim) -> Story:
    """Return what the files say of a claim."""
    replaces = claim.claim_type in (3, 7)
    base: dict[str, Any] = {
        "claim_id": claim.id,
        "order_id": claim.order.id,
        "line_id": claim.line.id if claim.line else None,
        "customer_id": claim.order.customer.id,
        "right_code": claim.right,
        "claim_type": claim.claim_type,
        "claim_status": 6,
        "refund_status": None,
        "reason": claim.reason,
        "currency_code": "CNY",
        "applied_amount": 0 if replaces else claim.applied_amount,
        "refund_amount": None,
        "applied_at": claim.applied,
        "approved_at": None,
        "return_received_at": None,
        "refunded_at": None,
        "ended_at": None,
        "deadline_at": claim.applied + timedelta(hours=48),
    }
    return Story(base, [(claim.applied, {}), *claim.steps])
