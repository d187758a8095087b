"""Answers that the marts of core must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_BUYERS = """
select
    min(orders.order_id) as first_order_id,
    count(*) as order_count,
    count(orders.paid_at) as paid_order_count,
    coalesce(sum(orders.pay_amount) filter (where orders.paid_at is not null), 0)::decimal(18, 2)
        as gmv_amount,
    any_value(customers.gender) as gender,
    any_value(customers.birth_year) as birth_year,
    any_value(customers.city) as city,
    any_value(customers.city_tier) as city_tier,
from marts.core.fct_orders as orders
left join marts.core.dim_customers as customers on orders.customer_key = customers.customer_key
where orders.customer_key is not null
group by orders.customer_key
"""

_CUSTOMER_GROUPS = """
select gender, birth_year, province, city, city_tier, count(*) as customer_count
from marts.core.dim_customers
group by all
"""

_DIMENSION_COUNTS = """
select
    'creators' as dimension,
    count(distinct creator_id) as thing_count,
from marts.core.dim_creators
union all
select 'customers', count(distinct customer_key) from marts.core.dim_customers
union all
select 'merchants', count(distinct merchant_id) from marts.core.dim_merchants
union all
select 'products', count(distinct product_id) from marts.core.dim_products
"""

_CLAIMS = """
select
    *,
    if(line_id is null, null, category_id) as line_category_id,
    if(line_id is null, null, channel) as line_channel,
from marts.core.fct_claims
"""

# Of a path that was delivered with several contents, the one that counts is compared.
_DELIVERIES = """
select
    path,
    feed,
    dt,
    status,
    coalesce(rows_read, 0) as rows_read,
    coalesce(rows_accepted, 0) as rows_accepted,
    coalesce(rows_quarantined, 0) as rows_quarantined,
from marts.meta.deliveries
where path not in (
    select path from {answer} group by path having bool_and(stage = 'earlier')
)
qualify row_number() over (
    partition by path
    order by status = 'accepted' desc, change_seq desc nulls last, delivery_id desc
) = 1
"""

COMPARISONS = (
    Comparison(
        "orders",
        "core.fct_orders",
        ("order_id",),
        names(
            "merchant_id currency_code order_status pay_type province city order_amount pay_amount"
            " freight_amount promotion_amount created_date paid_date shipped_at finished_at"
        ),
    ),
    Comparison(
        "order_lines",
        "core.fct_order_lines",
        ("line_id",),
        names(
            "order_id product_id category_id channel brand_name merchant_type currency_code"
            " item_count order_amount goods_amount freight_amount pay_amount is_pseudo_product"
            " created_date paid_date received_at"
        ),
    ),
    Comparison(
        "claims",
        "core.fct_claims",
        ("claim_id",),
        names(
            "order_id line_id line_category_id line_channel currency_code right_code claim_type"
            " claim_status refund_status reason applied_amount refund_amount is_refunded is_served"
            " is_compensation"
            " is_inside_window is_eligible apply_to_approve_seconds approve_to_refund_seconds"
            " apply_to_refund_seconds return_to_refund_seconds pay_to_apply_seconds"
            " apply_to_end_seconds is_refused is_failed is_disputed is_exempt is_quality_reason"
            " is_impulse is_enrolled is_inside_deadline paid_date applied_date approved_date"
            " refunded_date served_date ended_date window_ends_at"
        ),
        found=_CLAIMS,
    ),
    Comparison(
        "refunds",
        "core.fct_refunds",
        ("claim_id", "line_id"),
        names(
            "order_id creator_id currency_code channel category_id right_code reason claim_type"
            " refund_amount is_impulse paid_date refunded_date"
        ),
    ),
    Comparison(
        "products",
        "core.dim_products",
        ("product_id", "valid_from"),
        names(
            "merchant_id category_id product_name brand_name is_pseudo_product is_local_speciality"
            " is_qixi is_rose is_china_style is_domestic_brand valid_to is_current"
        ),
    ),
    Comparison(
        "merchants",
        "core.dim_merchants",
        ("merchant_id", "valid_from"),
        names("merchant_name merchant_type province city opened_at valid_to is_current"),
    ),
    Comparison(
        "creators",
        "core.dim_creators",
        ("creator_id",),
        names("creator_type follower_count updated_at"),
    ),
    Comparison(
        "buyers",
        "core.dim_customers",
        ("first_order_id",),
        names("order_count paid_order_count gmv_amount gender birth_year city city_tier"),
        found=_BUYERS,
    ),
    Comparison(
        "customer_groups",
        "core.dim_customers",
        names("gender birth_year province city city_tier"),
        ("customer_count",),
        found=_CUSTOMER_GROUPS,
    ),
    Comparison(
        "dimension_counts",
        "core.dim_customers",
        ("dimension",),
        ("thing_count",),
        found=_DIMENSION_COUNTS,
    ),
    Comparison(
        "deliveries",
        "meta.deliveries",
        ("path",),
        names("feed dt status rows_read rows_accepted rows_quarantined"),
        found=_DELIVERIES,
        expected="from {answer} where stage = 'landing'",
    ),
)
