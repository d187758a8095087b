"""Answers that the marts of sales must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

COMPARISONS = (
    Comparison(
        "gmv_daily",
        "sales.agg_gmv_daily",
        names("business_date channel category_id currency_code"),
        names(
            "paid_order_count paid_line_count item_count refund_count gmv_amount refunded_amount"
            " cohort_refunded_amount"
        ),
    ),
    Comparison(
        "sales_daily",
        "sales.agg_sales_daily",
        names("business_date currency_code"),
        names(
            "placed_order_count paid_order_count paid_line_count item_count buyer_count"
            " merchant_count product_count refund_count placed_amount gmv_amount refunded_amount"
            " cohort_refunded_amount net_cash_amount net_cohort_amount"
        ),
    ),
)
