"""Audits of core.fct_orders."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import not_ahead, not_negative

TABLE = "core.fct_orders"
QUERY = """
select *, date_diff('day', current_date, paid_date) as days_ahead
from {rows}
"""
KEYS = ("order_id",)


def suite() -> ExpectationSuite:
    """Expect amounts that are not negative and payments that have happened."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("order_amount"),
            not_negative("pay_amount"),
            not_negative("freight_amount"),
            not_ahead("paid_date"),
        ],
    )
