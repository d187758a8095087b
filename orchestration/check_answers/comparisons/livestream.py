"""Answers that the marts of livestream must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

COMPARISONS = (
    Comparison(
        "sessions",
        "livestream.fct_livestream_sessions",
        ("session_id",),
        names(
            "creator_id merchant_id session_tier view_count viewer_count paid_order_count"
            " buyer_count item_count gmv_amount refunded_amount net_amount started_date"
        ),
        close=names("gpm uv_value viewer_to_payer_rate exposure_to_click_rate"),
    ),
)
