{{ restate(
    by='order_id',
    images=['customer_key', 'created_date', 'paid_date'],
    affected_by={'int_orders_current': 'order_id'},
    recompute=requested_rows('int_orders_current', 'order_id', 'created_at'),
) }}
-- One row per shop order, in its current state.
with
orders as (
    select * from {{ affected_rows(ref('int_orders_current'), 'order_id') }}
),

city_tiers as (
    select * from {{ ref('city_tiers') }}
),

payment_kinds as (
    select * from {{ ref('payment_kinds') }}
),

final as (
    select
        orders.order_id,
        orders.merchant_id,
        orders.customer_key,
        orders.source,
        orders.currency_code,
        orders.province,
        orders.city,
        city_tiers.city_tier,
        coalesce(payment_kinds.payment_kind, 'unknown') as payment_kind,
        orders.order_status,
        orders.pay_type,
        orders.order_amount,
        orders.pay_amount,
        orders.freight_amount,
        orders.promotion_amount,
        orders.promotion_shop_amount,
        orders.promotion_platform_amount,
        orders.promotion_creator_amount,
        orders.freight_promotion_amount,
        orders.paid_at is not null as is_paid,
        orders.created_date,
        orders.paid_date,
        orders.created_at,
        orders.paid_at,
        orders.shipped_at,
        orders.finished_at,
    from orders
    left join city_tiers on orders.city = city_tiers.city
    left join payment_kinds on orders.pay_type = payment_kinds.pay_type
)

select * from final
{{ clustered_by('created_date') }}
