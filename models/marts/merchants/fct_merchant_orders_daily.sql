{{ restate(
    by='business_date',
    affected_by={
        'fct_orders': 'paid_date',
        'fct_claims': 'paid_date',
        'int_complaints_current':
            'select paid_date from changes inner join fct_orders using (order_id)',
    },
) }}
-- One row per merchant and business date with a paid order: how many were paid, and how many of
-- them buyers found fault with within 14 days of the payment.
with
orders as (
    select *
    from {{ affected_rows(ref('fct_orders'), 'paid_date') }}
    where is_paid
),

claims as (
    select * from {{ affected_rows(ref('fct_claims'), 'paid_date') }}
),

complaints as (
    select * from {{ ref('int_complaints_current') }}
),

quality_claims as (
    select
        order_id,
        min(applied_at) as first_applied_at,
    from claims
    where is_quality_reason and not is_exempt
    group by order_id
),

complained as (
    select
        orders.order_id,
        min(complaints.complained_at) as first_complained_at,
    from orders
    inner join complaints on orders.order_id = complaints.order_id
    group by orders.order_id
),

final as (
    select
        orders.merchant_id,
        orders.source,
        count(*) as paid_order_count,
        count(*) filter (
            where quality_claims.first_applied_at <= orders.paid_at + to_days(14)
        ) as quality_return_order_count,
        count(*) filter (
            where complained.first_complained_at <= orders.paid_at + to_days(14)
        ) as complained_order_count,
        orders.paid_date as business_date,
    from orders
    left join quality_claims on orders.order_id = quality_claims.order_id
    left join complained on orders.order_id = complained.order_id
    group by orders.merchant_id, orders.source, orders.paid_date
)

select * from final
