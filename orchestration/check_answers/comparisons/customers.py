"""Answers that the marts of customers must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_PROFILE = """
select *, month_start_date as month, dimension_value as value
from marts.customers.{mart}
"""

COMPARISONS = (
    Comparison(
        "repurchase_windows",
        "customers.agg_repurchase_daily",
        names("end_date span_days"),
        names("buyer_count repeated_buyer_count is_complete"),
        close=names("repurchase_rate"),
        found="select *, business_date as end_date, window_days as span_days"
        " from marts.customers.agg_repurchase_daily"
        " where business_date in (select end_date from {answer})",
    ),
    Comparison(
        "repurchase_cohorts",
        "customers.agg_repurchase_cohorts",
        names("month span_days"),
        names("buyer_count repeated_buyer_count is_mature"),
        close=names("repurchase_rate"),
        found="select *, cohort_date as month, window_days as span_days"
        " from marts.customers.agg_repurchase_cohorts",
    ),
    Comparison(
        "merchant_loyalty",
        "customers.agg_merchant_loyalty_monthly",
        names("merchant_id month"),
        names("buyer_count returning_buyer_count loyal_buyer_count"),
        found="select *, month_start_date as month"
        " from marts.customers.agg_merchant_loyalty_monthly",
    ),
    Comparison(
        "customer_profile",
        "customers.agg_customer_profile_monthly",
        names("month dimension value currency_code"),
        names("buyer_count new_buyer_count paid_order_count gmv_amount"),
        found=_PROFILE.format(mart="agg_customer_profile_monthly"),
    ),
    Comparison(
        "customer_growth",
        "customers.agg_customer_profile_growth",
        names("month dimension value currency_code alignment"),
        names("buyer_count base_buyer_count gmv_amount base_gmv_amount growth_reason"),
        close=names("buyer_ratio gmv_ratio"),
        found=_PROFILE.format(mart="agg_customer_profile_growth"),
    ),
)
