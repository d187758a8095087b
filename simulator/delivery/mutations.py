"""How a row of an entity is garbled, as SQL over the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.contract import Entity
from simulator.delivery.faults import AHEAD

_ENUMS = {
    "orders": "order_status",
    "order_lines": "channel",
    "merchants": "merchant_type",
    "creators": "creator_type",
    "customers": "gender",
    "claims": "claim_type",
    "right_enrolments": "right_code",
    "disputes": "dispute_status",
    "reviews": "review_level",
    "complaints": "complaint_status",
    "refund_orders": "route",
    "channel_bill_lines": "bill_status",
    "fund_flows": "direction",
    "insurance_policies": "policy_status",
}
_ORPHANS = {
    "order_lines": ("line_id", "order_id", ""),
    "claims": ("claim_id", "order_id", "line_id"),
}
"""Key, the order, and what becomes null."""
_SKEWED = ("orders", "order_lines", "claims")
_ENCODED = {
    "orders": "receiver_address",
    "merchants": "contact_name",
    "customers": "customer_name",
    "complaints": "reason",
    "violations": "reason",
    "channel_bill_lines": "channel_refund_id",
}
GB18030 = "@@GB18030@@"
"""Stands in a text until its bytes are replaced."""


@dataclass(frozen=True)
class Mutation:
    """One way to garble a row.

    Attributes:
        number: Its name in SQL; above 0.
        kind: The kind of fault.
        variant: What distinguishes it within the kind.
        column: The column that a quarantine names.
        sets: SQL by column, over `rows` (the good row) and `extras` (its `nonce`, and `dt_ends_at`
            of its file).
        where: Rows that can be garbled so.
        found_by: What finds it.
        is_text: Whether a value is a word that the column's type can't hold.
        formats: Endings of the file names in which it can stand; any when empty.
    """

    number: int
    kind: str
    variant: str
    entity: str
    column: str | None
    sets: dict[str, str]
    where: str = "true"
    found_by: str = "quarantine"
    is_text: bool = False
    formats: tuple[str, ...] = field(default=())


def mutations(entities: dict[str, Entity]) -> list[Mutation]:
    """Return every way to garble a row of every entity."""
    made = [parts for entity in entities.values() for parts in _of(entity)]
    return [Mutation(number, **parts) for number, parts in enumerate(made, 1)]  # type: ignore[arg-type]


def _of(entity: Entity) -> Iterator[dict[str, object]]:
    for make in (_breaks, _identities, _others, _corrections):
        for parts in make(entity):
            yield {"entity": entity.name, **parts}


def _break(variant: str, column: str, value: str, **more: object) -> dict[str, object]:
    return {
        "kind": "contract_break",
        "variant": variant,
        "column": column,
        "sets": {column: value},
        **more,
    }


def _breaks(entity: Entity) -> Iterator[dict[str, object]]:
    required = [name for name in entity.required if name not in entity.keys]
    number = next((n for n in required if entity.types[n] == "bigint"), "updated_at")
    yield _break("a word for a number or time", number, "'n/a'", is_text=True)
    amount = next((name for name in required if name.endswith("amount")), None)
    if amount:
        yield _break("negative amount", amount, f"-1 - rows.{amount}")
    if entity.name in _ENUMS:
        column = _ENUMS[entity.name]
        unknown = "99" if entity.types[column] == "bigint" else "'unheard_of'"
        yield _break("unknown code", column, unknown)
    yield _break("required value missing", required[0], "null")
    yield _break("impossible date", "updated_at", "timestamp '0022-08-01 00:00:00'")


def _identities(entity: Entity) -> Iterator[dict[str, object]]:
    """Yield broken rules over several columns; the first column is what a quarantine names."""
    broken = {
        "orders": [
            ("promotion_amount", "promotion_shop_amount", "rows.promotion_shop_amount + 1", ""),
            (
                "platform_cost_amount",
                "platform_only_cost_amount",
                "rows.platform_only_cost_amount + 1",
                "",
            ),
            ("paid_at", "paid_at", "rows.created_at - interval 1 day", "rows.paid_at is not null"),
        ],
        "livestream_sessions": [
            ("viewer_count", "viewer_count", "rows.view_count + 1", ""),
            ("ended_at", "ended_at", "rows.started_at - interval 1 hour", ""),
        ],
        "claims": [("refunded_at", "refunded_at", "null", "rows.refund_status = 3")],
    }
    for column, changed, value, where in broken.get(entity.name, ()):
        yield {
            **_break("broken identity", column, value),
            "sets": {changed: value},
            "where": where or f"rows.{column} is not null",
        }


def _others(entity: Entity) -> Iterator[dict[str, object]]:
    if entity.name in _ENCODED:
        column = _ENCODED[entity.name]
        yield {
            "kind": "encoding",
            "variant": "GB18030 bytes",
            "column": column,
            "sets": {column: f"'{GB18030}'"},
            "formats": ("csv", "csv.gz"),
        }
    if entity.name in _ORPHANS:
        key, order, emptied = _ORPHANS[entity.name]
        sets = {key: _new_id("orphan"), order: _new_id("its order")}
        yield {
            "kind": "orphan",
            "variant": "its order never comes",
            "column": order,
            "sets": sets | ({emptied: "null"} if emptied else {}),
            "found_by": "waiting",
        }
    if entity.name in _SKEWED:
        yield {
            "kind": "clock_skew",
            "variant": "days ahead of the file",
            "column": "updated_at",
            "sets": {
                "updated_at": "extras.dt_ends_at + interval 3 day"
                " + to_seconds((extras.nonce % 518400)::int)"
            },
            "found_by": AHEAD,
        }


def _corrections(entity: Entity) -> Iterator[dict[str, object]]:
    amounts = [name for name in entity.totals if name not in ("item_count", "fee_amount")]
    if not amounts or len(entity.keys) > 1:
        return
    changed = [*amounts, "order_amount"] if entity.name == "orders" else amounts
    yield {
        "kind": "corrected",
        "variant": "wrong amount",
        "column": amounts[0],
        "sets": {name: f"rows.{name} + 500" for name in changed},
        "found_by": "superseded",
    }
    yield {
        "kind": "corrected",
        "variant": "a thing that does not exist",
        "column": None,
        "sets": {entity.keys[0]: _new_id("phantom")},
        "found_by": "superseded",
    }


def _new_id(tag: str) -> str:
    digits = f"(hash('{tag}', extras.nonce) % 1000000000000000000)::varchar"
    return f"'6' || lpad({digits}, 18, '0')"
