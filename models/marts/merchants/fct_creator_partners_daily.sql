{{ restate(
    by='business_date',
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_refunds': 'paid_date',
        'int_complaints_current':
            'select paid_date from changes inner join fct_order_lines using (order_id)',
    },
) }}
-- One row per creator, merchant, currency and business date of the payment: what the merchant
-- sold through the creator, and how much of it was complained about (within 14 days of the
-- payment) or came back, by a refund in the line's currency. An order whose complaint names another
-- creator is not this one's.
with
order_lines as (
    select *
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid and creator_id is not null
),

returned_lines as (
    select distinct
        line_id,
        currency_code,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where claim_type = 0 and line_id is not null
),

complained_orders as (
    select distinct
        order_lines.order_id,
        order_lines.creator_id,
    from order_lines
    inner join {{ ref('int_complaints_current') }} as complaints
        on order_lines.order_id = complaints.order_id
    where
        order_lines.creator_id = coalesce(complaints.creator_id, order_lines.creator_id)
        and complaints.complained_at <= order_lines.paid_at + to_days(14)
),

orders as (
    select
        order_lines.order_id,
        order_lines.creator_id,
        order_lines.merchant_id,
        order_lines.source,
        order_lines.currency_code,
        order_lines.paid_date,
        count(*) as line_count,
        count(returned_lines.line_id) as returned_line_count,
        sum(order_lines.pay_amount) as gmv_amount,
    from order_lines
    left join returned_lines
        on order_lines.line_id = returned_lines.line_id
        and order_lines.currency_code = returned_lines.currency_code
    group by all
),

final as (
    select
        orders.creator_id,
        orders.merchant_id,
        orders.source,
        orders.currency_code,
        count(*) as paid_order_count,
        count(complained_orders.order_id) as complained_order_count,
        cast(sum(orders.line_count) as bigint) as paid_line_count,
        cast(sum(orders.returned_line_count) as bigint) as returned_line_count,
        cast(sum(orders.gmv_amount) as decimal(18, 2)) as gmv_amount,
        orders.paid_date as business_date,
    from orders
    left join complained_orders
        on orders.order_id = complained_orders.order_id
        and orders.creator_id = complained_orders.creator_id
    group by
        orders.creator_id,
        orders.merchant_id,
        orders.source,
        orders.currency_code,
        orders.paid_date
)

select * from final
