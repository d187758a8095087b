"""Audits of the rows that wait: what they belong to has not come, so no mart shows them."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "waiting"

_CURRENT = "intermediate.int_{}_current"
_OF_ORDERS = {
    "order_lines": "line_id",
    "claims": "claim_id",
    "reviews": "review_id",
    "shipments": "shipment_id",
    "service_conversations": "conversation_id",
    "complaints": "complaint_id",
    "insurance_policies": "policy_id",
}
_OF_CLAIMS = {
    "disputes": "dispute_id",
    "refund_orders": "refund_order_id",
    "insurance_policies": "policy_id",
}
_OF_SESSIONS = {"livestream_traffic": "concat(session_id, ' ', interval_started_at)"}
PARENTS = {
    "orders": ("order_id", _OF_ORDERS),
    "claims": ("claim_id", _OF_CLAIMS),
    "livestream_sessions": ("session_id", _OF_SESSIONS),
}
"""By parent: its key, and the entities that need it with what names a row of theirs."""


def _without_parent(parent: str, key: str, children: dict[str, str]) -> str:
    """Select the children of one parent together, so that its keys are looked up once."""
    rows = " union all ".join(
        f"select '{entity}' as entity, {name} as row_key, {key}, updated_at"
        f" from {_CURRENT.format(entity)}"
        for entity, name in children.items()
    )
    return f"""
        select entity, row_key, '{parent}' as waits_for, {key} as parent_id, updated_at
        from ({rows})
        anti join {_CURRENT.format(parent)} using ({key})
        where {key} is not null"""


_CLAIMS_WITHOUT_LINE = f"""
        select 'claims', claim_id, 'order_lines', line_id, updated_at
        from {_CURRENT.format("claims")}
        anti join {_CURRENT.format("order_lines")} using (order_id, line_id)
        where order_id is not null and line_id is not null"""

QUERY = " union all ".join(
    [*(_without_parent(parent, *found) for parent, found in PARENTS.items()), _CLAIMS_WITHOUT_LINE]
)
COMPUTED = True
KEYS = ("entity", "row_key", "waits_for", "parent_id")


def suite() -> ExpectationSuite:
    """Expect parents to come no later than their children."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="waits_for",
                value_set=[parent],
                severity="warning",
                description=f"no row waits for {parent}",
            )
            for parent in (*PARENTS, "order_lines")
        ],
    )
