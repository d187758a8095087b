"""Answers that the marts of livestream must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_DAILY = (
    "paid_line_count item_count gmv_amount refunded_amount cohort_refunded_amount net_cash_amount"
    " net_cohort_amount"
)

COMPARISONS = (
    Comparison(
        "sessions",
        "livestream.fct_livestream_sessions",
        ("session_id",),
        names(
            "creator_id merchant_id session_tier view_count viewer_count peak_online_count"
            " new_follower_count paid_order_count buyer_count item_count gmv_amount refunded_amount"
            " net_amount ad_cost_amount started_date"
        ),
        close=names(
            "average_concurrency roi gpm gpm_viewer uv_value viewer_to_payer_rate"
            " exposure_to_click_rate click_to_pay_rate"
        ),
    ),
    Comparison(
        "session_sales_daily",
        "livestream.agg_session_sales_daily",
        names("business_date session_id currency_code"),
        names(_DAILY),
    ),
    Comparison(
        "creator_sales_daily",
        "livestream.agg_creator_sales_daily",
        names("business_date creator_id currency_code"),
        names(
            "paid_order_count buyer_count session_count product_count live_gmv_amount"
            f" video_gmv_amount {_DAILY}"
        ),
    ),
    Comparison(
        "session_tiers",
        "livestream.agg_session_tiers",
        names("period_id session_tier currency_code"),
        names("period_kind start_date end_date room_count session_count gmv_amount"),
    ),
)
