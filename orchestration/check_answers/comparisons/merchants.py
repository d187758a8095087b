"""Answers that the marts of merchants must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_RATES = {
    "bad_review_rate": "reviewed_order_count",
    "quality_return_rate": "paid_order_count",
    "complaint_rate": "paid_order_count",
    "pickup_on_time_rate": "pickup_due_count",
    "delivery_on_time_rate": "delivery_due_count",
    "merchant_blame_rate": "judged_dispute_count",
    "reply_within_3_minutes_rate": "conversation_count",
}
"""Indicators of the merchants' score, and the columns of their samples."""
_HOURS = {"refund_only_hours": "refund_only_count", "return_refund_hours": "return_refund_count"}
_MATURING = ("quality_return_rate", "complaint_rate")
_AT_THE_ENDS = "business_date in (select end_date from {answer})"


def _indicator(name: str, numerator: str, denominator: str) -> str:
    """Return the struct of one indicator; a numerator that was divided is a whole number again."""
    return (
        f"{{{{'indicator': '{name}', 'numerator': round({numerator})::bigint,"
        f" 'denominator': {denominator}::bigint,"
        f" 'is_mature': {'is_mature' if name in _MATURING else 'true'}}}}}"
    )


_INDICATORS = ", ".join(
    [
        _indicator("paid_orders", "paid_order_count", "paid_order_count"),
        _indicator("deduction_points", "deduction_points", "violation_count"),
        *(_indicator(name, f"{name} * {count}", count) for name, count in _RATES.items()),
        *(_indicator(name, f"{name} * {count} * 3600", count) for name, count in _HOURS.items()),
    ]
)

_SCORE_INPUTS = f"""
select * from (
    select
        merchant_id,
        business_date as end_date,
        unnest([{_INDICATORS}], recursive := true),
    from (select * from marts.merchants.agg_merchant_scores_daily where {_AT_THE_ENDS})
)
where denominator > 0
"""

_CREATOR_PARTNERS = """
select
    daily.creator_id,
    daily.merchant_id,
    ends.end_date,
    sum(daily.gmv_amount)::decimal(18, 2) as gmv_amount,
from marts.merchants.fct_creator_partners_daily as daily
inner join (select distinct end_date from {answer}) as ends
    on daily.business_date > ends.end_date - 30 and daily.business_date <= ends.end_date
group by all
"""

COMPARISONS = (
    Comparison(
        "score_inputs",
        "merchants.agg_merchant_scores_daily",
        names("merchant_id end_date indicator"),
        names("numerator denominator is_mature"),
        found=_SCORE_INPUTS,
    ),
    Comparison(
        "merchant_scores",
        "merchants.agg_merchant_scores_daily",
        names("merchant_id end_date"),
        names(
            "paid_order_count deduction_points goods_score logistics_score service_score score"
            " is_mature"
        ),
        found="select *, business_date as end_date from marts.merchants.agg_merchant_scores_daily"
        f" where {_AT_THE_ENDS}",
    ),
    Comparison(
        "creator_partners",
        "merchants.fct_creator_partners_daily",
        names("creator_id merchant_id end_date"),
        names("gmv_amount"),
        found=_CREATOR_PARTNERS,
    ),
    Comparison(
        "creator_score_inputs",
        "merchants.agg_creator_scores_daily",
        names("creator_id end_date"),
        names(
            "paid_order_count complained_order_count paid_line_count returned_line_count"
            " gmv_amount is_mature"
        ),
        found="select *, business_date as end_date from marts.merchants.agg_creator_scores_daily"
        f" where {_AT_THE_ENDS}",
    ),
    Comparison(
        "creator_scores",
        "merchants.agg_creator_scores_daily",
        names("creator_id end_date"),
        names(
            "scored_order_count partner_merchant_score partners_score complaints_score"
            " returns_score score gate"
        ),
        found="select *, business_date as end_date from marts.merchants.agg_creator_scores_daily"
        f" where {_AT_THE_ENDS}",
    ),
    Comparison(
        "right_impact",
        "merchants.agg_right_impact",
        names("right_code outcome"),
        names("signed_merchant_count compared_merchant_count fewest_peer_count"),
        close=names("signed_change peer_change effect standard_error"),
    ),
)
