"""Answers that the marts of sales must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_NET = names("gmv_amount refunded_amount cohort_refunded_amount net_cash_amount net_cohort_amount")

COMPARISONS = (
    Comparison(
        "gmv_daily",
        "sales.agg_gmv_daily",
        names("business_date channel category_id currency_code"),
        names(
            "paid_order_count paid_line_count item_count refund_count gmv_amount refunded_amount"
            " cohort_refunded_amount net_cash_amount net_cohort_amount"
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
    Comparison(
        "merchant_sales_daily",
        "sales.agg_merchant_sales_daily",
        names("business_date merchant_id currency_code"),
        names("placed_order_count paid_order_count buyer_count placed_amount") + _NET,
    ),
    Comparison(
        "product_sales_daily",
        "sales.agg_product_sales_daily",
        names("business_date product_id currency_code"),
        names("paid_order_count paid_line_count item_count buyer_count is_local_speciality") + _NET,
    ),
    Comparison(
        "brand_sales_daily",
        "sales.agg_brand_sales_daily",
        names("business_date category_id brand_name currency_code"),
        names("paid_line_count item_count") + _NET,
    ),
    Comparison(
        "region_sales_daily",
        "sales.agg_region_sales_daily",
        names("business_date province city currency_code"),
        names("city_tier paid_order_count buyer_count") + _NET,
    ),
    Comparison(
        "gmv_walk_daily",
        "sales.agg_gmv_walk_daily",
        names("business_date payment_kind currency_code"),
        names(
            "paid_order_count gross_amount shop_discount_amount platform_discount_amount"
            " creator_discount_amount freight_discount_amount"
        )
        + _NET,
    ),
)
