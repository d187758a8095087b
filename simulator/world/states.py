"""From lives to delivered rows: the state of every thing as of a time."""

from __future__ import annotations

from datetime import date, datetime

from simulator.contract import entities
from simulator.parameters import utc

ORDER_STATUS = """
    case
        when cancelled_at <= {until} then 4
        when finished_at <= {until} then 5
        when shipped_at <= {until} then 3
        when partly_shipped_at <= {until} then 101
        when prepared_at <= {until} then 2
        when paid_at <= {until} then 105
        else 1
    end
"""
CLAIM_STATUS = """
    case
        when ended_at <= {until} then outcome
        when reshipped_at <= {until} then 13
        when returned_at <= {until} then 11
        when approved_at <= {until} and claim_type in (0, 3) and refused_at is null then 7
        when approved_at <= {until} and claim_type in (7, 8) then 8
        when approved_at <= {until} then 12
        when refused_at <= {until} then 27
        else 6
    end
"""
REFUND_STATUS = """
    case
        when claim_type not in (0, 1, 2, 6) then null
        when recovered_at <= {until} then 5
        when refunded_at <= {until} then 3
        when failed_at <= {until} then 4
        when instructed_at <= {until} then 2
        when approved_at <= {until} then 1
    end
"""
DEADLINE = """
    case
        when ended_at <= {until} then null
        when return_received_at <= {until} then return_received_at + interval 2 day
        when returned_at <= {until} then returned_at + interval 10 day
        when approved_at <= {until} and claim_type in (0, 3) and refused_at is null
            then approved_at + interval 7 day
        when approved_at <= {until} then approved_at + interval 2 day
        when refused_at <= {until} then refused_at + interval 7 day
        when right_code = 'R6' then applied_at + interval 24 hour
        when right_code = 'R3' then applied_at + interval 2 hour
        else applied_at + interval 48 hour
    end
"""
DISPUTE_STATUS = """
    case
        when closed_at <= {until} then 255
        when judged_at <= {until} then ruling
        when evidence_at <= {until} then 1
        else 4
    end
"""
SESSION_COUNTS = (
    "view_count",
    "viewer_count",
    "peak_online_count",
    "product_exposure_count",
    "product_click_count",
    "comment_count",
    "new_follower_count",
)

EVENTS = {
    "orders": (
        "created_at",
        "paid_at",
        "prepared_at",
        "partly_shipped_at",
        "shipped_at",
        "finished_at",
        "cancelled_at",
    ),
    "order_lines": ("created_at", "received_at"),
    "claims": (
        "applied_at",
        "refused_at",
        "approved_at",
        "returned_at",
        "return_received_at",
        "reshipped_at",
        "instructed_at",
        "failed_at",
        "refunded_at",
        "ended_at",
        "recovered_at",
    ),
    "disputes": ("opened_at", "evidence_at", "judged_at", "closed_at"),
    "reviews": ("reviewed_at",),
    "shipments": ("prepared_at", "picked_up_at", "delivered_at"),
    "service_conversations": ("started_at", "first_replied_at", "ended_at"),
    "complaints": ("complained_at", "closed_at"),
    "violations": ("violated_at",),
    "ad_spend": ("spent_at",),
    "right_enrolments": ("enrolled_at", "ended_at"),
    "livestream_sessions": ("started_at", "ended_at"),
}
"""Times at which a thing's state changes; the first one makes it."""
VERSIONED = (
    "products",
    "merchants",
    "creators",
    "customers",
    "livestream_traffic",
    "source_parameters",
)
"""Entities whose truth holds versions already."""
ENTITIES = (*EVENTS, *VERSIONED)
DERIVED = {
    "orders": {
        "order_status": ORDER_STATUS,
        "receiver_name": "'name-' || customer_number",
        "receiver_phone": ("'10' || lpad((customer_number * 7919 % 1000000000)::varchar, 9, '0')"),
        "receiver_address": "city || ' street ' || (customer_number % 977) || ' no. '"
        " || (customer_number % 89)",
        "pay_type": "case when paid_at <= {until} then pay_type end",
    },
    "claims": {
        "claim_status": CLAIM_STATUS,
        "refund_status": REFUND_STATUS,
        "deadline_at": DEADLINE,
        "refund_amount": "case when refunded_at <= {until} then refund_amount end",
        "payer": "case when approved_at <= {until} then payer end",
    },
    "disputes": {
        "dispute_status": DISPUTE_STATUS,
        "blame": "case when judged_at <= {until} then blame end",
    },
    "complaints": {
        "complaint_status": "case when closed_at <= {until} then verdict else 'open' end",
    },
    "service_conversations": {
        "is_satisfied": "case when ended_at <= {until} then is_satisfied end",
    },
    "livestream_sessions": {
        name: f"case when ended_at <= {{until}} then {name} else 0 end" for name in SESSION_COUNTS
    },
    "customers": {
        "customer_name": "'name-' || customer_number",
        "phone": ("'10' || lpad((customer_number * 7919 % 1000000000)::varchar, 9, '0')"),
        "country": "'CN'",
    },
}
KNOWN_BEFORE = {"shipments": ("pickup_due_at", "delivery_due_at"), "customers": ("registered_at",)}
"""Times that are no events: they stand on the record from the beginning."""


def state_sql(entity: str, after: datetime, until: datetime, created_from: date | None) -> str:
    """Return a select of the contract's columns: what changed after one time, as of another.

    Args:
        entity: One of ENTITIES.
        after: Only things whose newest event at or before `until` lies after this (UTC).
        until: The state as of this time (UTC); later times are null.
        created_from: Leave out what was made before this business date; None looks at everything.
    """
    columns = entities()[entity].types
    if entity in VERSIONED:
        chosen = ", ".join(_column(entity, name, kind, "") for name, kind in columns.items())
        return (
            f"select {chosen} from truth.{entity}"
            f" where updated_at > {_literal(after)} and updated_at <= {_literal(until)}"
        )
    at = _literal(until)
    first, *others = EVENTS[entity]
    newest = ", ".join(f"case when {name} <= {at} then {name} end" for name in others)
    updated = f"greatest({first}, {newest})" if newest else first
    chosen = ", ".join(_column(entity, name, kind, at) for name, kind in columns.items())
    made_from = f" and {first} >= {_literal(utc(created_from))}" if created_from else ""
    return (
        f"select {chosen} from (select *, {updated} as updated_at from truth.{entity}"
        f" where {first} <= {at}{made_from}) where updated_at > {_literal(after)}"
    )


def _column(entity: str, name: str, kind: str, until: str) -> str:
    derived = DERIVED.get(entity, {}).get(name)
    if derived is not None:
        return f"({derived.format(until=until)})::{kind} as {name}"
    is_event = kind == "timestamp" and name != "updated_at" and entity not in VERSIONED
    if is_event and name not in KNOWN_BEFORE.get(entity, ()) and name != EVENTS[entity][0]:
        return f"case when {name} <= {until} then {name} end as {name}"
    return f"{name}::{kind} as {name}"


def _literal(moment: datetime) -> str:
    return f"timestamp '{moment:%Y-%m-%d %H:%M:%S.%f}'"
