"""Audits of claims.agg_return_rates_daily."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, share

TABLE = "claims.agg_return_rates_daily"
QUERY = "select * from {rows}"
KEYS = ("business_date", "merchant_id", "channel", "currency_code")


def suite() -> ExpectationSuite:
    """Expect parts that do not exceed what they are parts of."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            share("return_rate"),
            share("quality_return_rate"),
            at_most("returned_order_count", "refunded_order_count"),
            at_most("refunded_order_count", "paid_order_count"),
            at_most("refunded_amount", "gmv_amount"),
            at_most("returned_amount", "refunded_amount"),
        ],
    )
