"""Audits of customers.agg_customer_profile_monthly."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, not_negative

TABLE = "customers.agg_customer_profile_monthly"
QUERY = "select * from {rows}"
KEYS = ("month_start_date", "dimension", "dimension_value", "currency_code")


def suite() -> ExpectationSuite:
    """Expect buyers who all bought something, and new ones among them."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            at_most("new_buyer_count", "buyer_count"),
            at_most("buyer_count", "paid_order_count"),
            not_negative("gmv_amount"),
        ],
    )
