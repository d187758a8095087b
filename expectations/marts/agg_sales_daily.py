"""Audits of sales.agg_sales_daily."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from expectations.rules import at_most, not_negative

TABLE = "sales.agg_sales_daily"
QUERY = """
select
    *,
    case
        when business_date > max(business_date) over () - 7 and count(*) over recent >= 7
            then gmv_amount / nullif(median(gmv_amount) over recent, 0)
    end as gmv_factor
from {marts}.sales.agg_sales_daily
window recent as (
    partition by currency_code
    order by business_date::timestamp
    range between interval 28 days preceding and interval 1 day preceding
)
"""
KEYS = ("business_date", "currency_code")

DAY_FACTOR = 20
"""How many times the median day a day may sell; the great campaigns stay below."""


def suite() -> ExpectationSuite:
    """Expect amounts that are not negative, and newest days in the range of the usual."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("placed_amount"),
            not_negative("gmv_amount"),
            not_negative("refunded_amount"),
            not_negative("cohort_refunded_amount"),
            at_most("cohort_refunded_amount", "gmv_amount"),
            at_most("buyer_count", "paid_order_count"),
            gxe.ExpectColumnValuesToBeBetween(
                column="gmv_factor",
                max_value=DAY_FACTOR,
                severity="warning",
                description=f"no new day sells more than {DAY_FACTOR} times the median day",
            ),
        ],
    )
