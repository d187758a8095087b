{{ restate(
    by='business_date',
    affected_by={
        'fct_orders': 'select created_date from changes union all select paid_date from changes',
        'fct_order_lines': 'paid_date',
    },
) }}
-- One row per business date and currency with an order placed or paid. Apart from the refunds, so
-- that a refund does not count all buyers of the day of its payment again.
with
placed as (
    select
        created_date as business_date,
        currency_code,
        count(*) as placed_order_count,
        sum(order_amount) as placed_amount,
    from {{ affected_rows(ref('fct_orders'), 'created_date') }}
    group by all
),

paid as (
    select
        paid_date as business_date,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        count(distinct merchant_id) as merchant_count,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_orders'), 'paid_date') }}
    where is_paid
    group by all
),

paid_lines as (
    select
        paid_date as business_date,
        currency_code,
        count(*) as paid_line_count,
        count(distinct product_id) as product_count,
        sum(item_count) as item_count,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid
    group by all
),

cells as (
    select business_date, currency_code from placed
    union
    select business_date, currency_code from paid
    union
    select business_date, currency_code from paid_lines
),

final as (
    select
        currency_code,
        cast(coalesce(placed.placed_order_count, 0) as bigint) as placed_order_count,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid_lines.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid_lines.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(paid.merchant_count, 0) as bigint) as merchant_count,
        cast(coalesce(paid_lines.product_count, 0) as bigint) as product_count,
        cast(coalesce(placed.placed_amount, 0) as decimal(18, 2)) as placed_amount,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        business_date,
    from cells
    left join placed using (business_date, currency_code)
    left join paid using (business_date, currency_code)
    left join paid_lines using (business_date, currency_code)
)

select * from final
