"""Answers that the marts of claims must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_SERVED = """
select *, served_amount as refunded_amount
from marts.claims.agg_claims_daily
where served_count > 0
"""

_APPLIED = "from marts.claims.agg_claims_daily where applied_count > 0"

_RETURN_COUNTS = (
    "paid_line_count refunded_line_count returned_line_count refunded_before_shipment_line_count"
    " paid_order_count refunded_order_count returned_order_count quality_return_order_count"
    " impulse_refund_order_count gmv_amount refunded_amount returned_amount return_zone is_mature"
)

_RETURN_RATES = (
    "return_rate refund_rate refunded_amount_rate quality_return_rate impulse_refund_rate"
)

COMPARISONS = (
    Comparison(
        "claims_applied",
        "claims.agg_claims_daily",
        names("business_date right_code currency_code"),
        names(
            "applied_count eligible_count enrolled_count refused_count failed_count disputed_count"
        ),
        close=names("refusal_rate dispute_rate"),
        found=_APPLIED,
    ),
    Comparison(
        "claims_served",
        "claims.agg_claims_daily",
        names("business_date right_code"),
        names("served_count eligible_served_count refunded_amount"),
        found=_SERVED,
    ),
    Comparison(
        "claims_served",
        "claims.agg_claims_served_daily",
        names("business_date right_code"),
        names("served_count eligible_served_count cumulative_served_count"),
    ),
    Comparison(
        "claim_handling",
        "claims.agg_claim_handling_daily",
        names("business_date right_code measure"),
        names(
            "claim_count total_seconds p50_seconds p90_seconds deadline_count inside_deadline_count"
        ),
        close=names("inside_deadline_rate"),
    ),
    Comparison(
        "return_rates",
        "claims.agg_return_rates_monthly",
        names("merchant_id channel month currency_code"),
        names(_RETURN_COUNTS),
        close=names(_RETURN_RATES),
        found="select *, month_start_date as month from marts.claims.agg_return_rates_monthly",
    ),
    Comparison(
        "return_rates_daily",
        "claims.agg_return_rates_daily",
        names("business_date merchant_id channel currency_code"),
        names(_RETURN_COUNTS),
        close=names(_RETURN_RATES),
    ),
    Comparison(
        "refund_reasons",
        "claims.agg_refund_reasons_daily",
        names("business_date channel reason claim_type currency_code"),
        names("refund_count impulse_refund_count refunded_amount"),
    ),
)
