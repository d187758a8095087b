"""Control totals between marts that come from the same facts by different ways.

One row per total, business date (a month's first day for profiles) and currency.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "mart_totals"
QUERY = """
select
    total_name,
    business_date::date as business_date,
    currency_code,
    coalesce(sum(total) filter (where is_given), 0) as given_total,
    coalesce(sum(total) filter (where not is_given), 0) as total
from (
    select
        unnest(['gmv by merchant and channel', 'gmv of months']) as total_name,
        unnest([business_date, date_trunc('month', business_date)]) as business_date,
        currency_code, true as is_given, gmv_amount::decimal(38, 2) as total
    from {marts}.sales.agg_gmv_daily
    union all
    select
        'gmv by merchant and channel', business_date, currency_code, false, gmv_amount
    from {marts}.claims.agg_return_rates_daily
    union all
    select 'gmv of months', month_start_date, currency_code, false, gmv_amount
    from {marts}.claims.agg_return_rates_monthly
    union all
    select 'live gmv of creators', business_date, currency_code, true, gmv_amount
    from {marts}.sales.agg_gmv_daily where channel = 'live'
    union all
    select 'live gmv of creators', business_date, currency_code, false, live_gmv_amount
    from {marts}.livestream.agg_creator_sales_daily
    union all
    select 'refunds by reason', business_date, currency_code, true, refunded_amount
    from {marts}.sales.agg_gmv_daily
    union all
    select 'refunds by reason', business_date, currency_code, false, refunded_amount
    from {marts}.claims.agg_refund_reasons_daily
    union all
    select 'claims served', served_date, currency_code, true, count(*)
    from {marts}.core.fct_claims where is_served group by all
    union all
    select 'claims served', business_date, currency_code, false, served_count
    from {marts}.claims.agg_claims_daily
    union all
    select
        unnest(['gmv by gender', 'gmv by generation', 'gmv by city_tier', 'gmv by city']),
        month_start_date, currency_code, true, gmv_amount
    from {marts}.customers.agg_customer_profile_monthly where dimension = 'all'
    union all
    select 'gmv by ' || dimension, month_start_date, currency_code, false, gmv_amount
    from {marts}.customers.agg_customer_profile_monthly
    where dimension <> 'all' and dimension_value <> 'post_95'
) as totals
group by all
"""
COMPUTED = True
KEYS = ("total_name", "business_date", "currency_code")


def suite() -> ExpectationSuite:
    """Expect what is cut another way to add up to the same, to the fen."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="total",
                column_B="given_total",
                severity="critical",
                description="marts of the same facts have the same totals on every day",
            )
        ],
    )
