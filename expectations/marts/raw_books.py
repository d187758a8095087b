"""Rows and control totals of the money trail in raw, against the books of their deliveries.

The auditor's question is whether a row is gone, or was changed, since its file was accepted. One
row per accepted delivery and entity.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "raw_books"
COMPUTED = True
KEYS = ("path", "entity")

AMOUNTS = {
    "claims": "refund_amount",
    "refund_orders": "refund_amount",
    "channel_bill_lines": "amount",
    "fund_flows": "amount",
    "insurance_policies": "premium_amount",
}
"""The sides of a refund, each with the control total that is checked."""

_FOUND = " union all ".join(
    f"select _delivery_id as delivery_id, '{entity}' as entity, '{amount}' as total_name,"
    f" count(*) as row_count, coalesce(sum({amount}), 0) as amount from raw.{entity} group by all"
    for entity, amount in AMOUNTS.items()
)
_BOOKED = " union all ".join(
    f"select '{entity}' as entity, '{amount}' as total_name" for entity, amount in AMOUNTS.items()
)

QUERY = f"""
select
    deliveries.path,
    booked.entity,
    booked.row_count as booked_row_count,
    coalesce(found.row_count, 0) as row_count,
    coalesce(totals.total_value, 0) as booked_amount,
    coalesce(found.amount, 0)::decimal(38, 6) as amount
from raw.deliveries as deliveries
inner join raw.delivery_entities as booked using (delivery_id)
inner join ({_BOOKED}) as sides on booked.entity = sides.entity
left join raw.control_totals as totals
    on booked.delivery_id = totals.delivery_id
    and booked.entity = totals.entity
    and sides.total_name = totals.total_name
left join ({_FOUND}) as found
    on booked.delivery_id = found.delivery_id and booked.entity = found.entity
where deliveries.status = 'accepted'
"""


def suite() -> ExpectationSuite:
    """Expect every accepted row to be there, with its amount."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="row_count",
                column_B="booked_row_count",
                severity="critical",
                description="raw holds every row of the money trail that was accepted",
            ),
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="amount",
                column_B="booked_amount",
                severity="critical",
                description="raw holds the amounts of the money trail that were accepted",
            ),
        ],
    )
