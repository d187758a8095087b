"""Audits of sales.agg_gmv_daily."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, not_negative

TABLE = "sales.agg_gmv_daily"
QUERY = "select * from {rows}"
KEYS = ("business_date", "channel", "category_id", "currency_code")


def suite() -> ExpectationSuite:
    """Expect amounts and counts that are not negative, and refunds within what was paid."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("gmv_amount"),
            not_negative("refunded_amount"),
            not_negative("cohort_refunded_amount"),
            not_negative("paid_order_count"),
            not_negative("item_count"),
            at_most("cohort_refunded_amount", "gmv_amount"),
            at_most("paid_order_count", "paid_line_count"),
        ],
    )
