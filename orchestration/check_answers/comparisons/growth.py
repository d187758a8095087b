"""Answers that the marts of growth must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

COMPARISONS = (
    Comparison(
        "growth",
        "growth.agg_category_growth",
        names("window_id alignment subject currency_code"),
        names(
            "comparison missing_reason paid_line_count base_paid_line_count item_count"
            " base_item_count merchant_count base_merchant_count buyer_count base_buyer_count"
            " product_count base_product_count gmv_amount base_gmv_amount start_date end_date"
            " base_start_date base_end_date item_missing_reason merchant_missing_reason"
            " buyer_missing_reason product_missing_reason gmv_missing_reason"
        ),
        close=names(
            "gmv_ratio item_ratio merchant_ratio buyer_ratio product_ratio gmv_growth item_growth"
            " merchant_growth buyer_growth product_growth"
        ),
    ),
    Comparison(
        "campaigns",
        "growth.agg_campaign_summary",
        names("campaign_id currency_code"),
        names(
            "start_date end_date merchant_count product_count local_speciality_count"
            " paid_order_count buyer_count item_count gmv_amount selling_session_count"
            " over_10m_session_count over_100m_session_count over_10m_room_count"
            " over_100m_room_count"
        ),
        found="from marts.growth.agg_campaign_summary where is_covered",
    ),
    Comparison(
        "published_statements",
        "growth.published_claim_check",
        names("statement_id"),
        names("figure verdict verdict_reason"),
        close=names("expected_low expected_high computed_value"),
    ),
)
