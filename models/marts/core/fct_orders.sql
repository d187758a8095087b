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

final as (
    select
        order_id,
        merchant_id,
        customer_key,
        source,
        currency_code,
        province,
        city,
        order_status,
        pay_type,
        order_amount,
        pay_amount,
        freight_amount,
        promotion_amount,
        paid_at is not null as is_paid,
        created_date,
        paid_date,
        created_at,
        paid_at,
        shipped_at,
        finished_at,
    from orders
)

select * from final
