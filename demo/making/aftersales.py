"""After-sale claims: the kinds of them, and how each one goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from making.draws import DAYS, at, between, digits, draw, end_of, later
from making.story import Story
from making.trading import HOUR, Line, Order

Span = tuple[int, int]
START, HORIZON = at(DAYS[0], "00:00:00"), end_of(DAYS[4])


@dataclass(frozen=True)
class Kind:
    """A kind of claim; spans are seconds, shares per cent of what was paid.

    Attributes:
        claim_type: The code of the raw contract.
        after: `receipt` or `payment`: what `apply` counts from.
        back: From approval to receipt of the returned goods.
        end: `refunded`, `refused`, `failed`, `pending` or `replaced`.
        late: Delivered in a late file only, in its last state.
    """

    name: str
    count: int
    right: str | None
    claim_type: int
    reason: str
    apply: Span
    approve: Span = (HOUR, 20 * HOUR)
    back: Span | None = None
    refund: Span = (HOUR, 12 * HOUR)
    after: str = "receipt"
    share: Span = (100, 100)
    categories: tuple[str, ...] = ()
    end: str = "refunded"
    late: bool = False


BACK = (20 * HOUR, 44 * HOUR)
FRESH, BEAUTY, WORN = ("fresh", "flowers"), ("beauty",), ("apparel", "sports")
KINDS = (
    Kind("impulse", 6, "R3", 2, "不想要了", (300, 6600), (2, 15), None, (5, 60), "payment"),
    Kind("not shipped", 3, "R3", 2, "拍错/多拍", (3 * HOUR, 11 * HOUR), (2, 15), None, (5, 60), "payment"),
    Kind("rotten", 6, "R6", 1, "坏果/腐烂", (HOUR, 20 * HOUR), (600, 8 * HOUR), None, (120, HOUR), share=(30, 100), categories=FRESH),
    Kind("rotten, too late", 1, "R6", 1, "坏果/腐烂", (30 * HOUR, 40 * HOUR), (HOUR, 9 * HOUR), categories=FRESH, end="refused"),
    Kind("allergy", 2, "R7", 0, "使用后过敏", (20 * HOUR, 90 * HOUR), (120, 5 * HOUR), BACK, (600, 5 * HOUR), categories=BEAUTY),
    Kind("no reason", 11, "R2", 0, "七天无理由", (4 * HOUR, 130 * HOUR), back=BACK),
    Kind("fake, refused", 1, "R1", 0, "怀疑假货", (10 * HOUR, 90 * HOUR), end="refused"),
    Kind("fake, open", 1, "R1", 0, "怀疑假货", (10 * HOUR, 90 * HOUR), end="pending"),
    Kind("exchange", 2, None, 3, "尺码不合适", (8 * HOUR, 90 * HOUR), (600, 6 * HOUR), BACK, categories=WORN, end="replaced"),
    Kind("resend", 1, None, 7, "少件/漏发", (2 * HOUR, 40 * HOUR), end="replaced"),
    Kind("price", 3, None, 6, "价格保护", (12 * HOUR, 60 * HOUR), (5, 90), None, (30, 600), "payment", (4, 12)),
    Kind("quality", 5, None, 0, "质量问题", (6 * HOUR, 120 * HOUR), back=BACK),
    Kind("missing", 4, None, 1, "少件/漏发", (HOUR, 60 * HOUR), share=(20, 60)),
    Kind("refund fails", 1, None, 1, "物流破损", (HOUR, 40 * HOUR), (600, 5 * HOUR), end="failed"),
    Kind("missing, late", 6, None, 1, "少件/漏发", (HOUR, 60 * HOUR), (600, 5 * HOUR), None, (600, 4 * HOUR), share=(20, 60), late=True),
    Kind("return freight, late", 3, "R4", 1, "退货运费补偿", (HOUR, 60 * HOUR), (600, 5 * HOUR), None, (600, 4 * HOUR), share=(8, 12), late=True),
)  # fmt: skip


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
    applied = later(origin, *kind.apply, "applied", order.number)
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
    answered = later(claim.applied, *kind.approve, "approved", key)
    if kind.end == "pending":
        return
    if kind.end == "refused":
        claim.close(answered, claim_status=27)
        claim.close(later(answered, 6 * HOUR, 20 * HOUR, "closed", key), claim_status=28)
        return
    claim.approve(answered)
    moment = answered
    if kind.back:
        moment = later(answered, *kind.back, "back", key)
        claim.take_back(moment)
    moment = later(moment, *kind.refund, "refunded", key)
    if kind.end == "refunded":
        claim.refund(moment, claim.applied_amount)
    elif kind.end == "failed":
        claim.close(moment, refund_status=4)
    else:
        claim.close(later(moment, 16 * HOUR, 30 * HOUR, "replaced", key), claim_status=14)


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
