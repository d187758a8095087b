{{ restate(
    by='business_date',
    images=['currency_code'],
    affected_by={
        'fct_orders': 'select created_date from changes union all select paid_date from changes',
        'fct_order_lines': 'paid_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date and currency: the platform's totals. Distinct counts hold for the
-- day alone and never add up over days.
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

refunded as (
    select
        refunded_date as business_date,
        currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

cells as (
    select business_date, currency_code from placed
    union
    select business_date, currency_code from paid
    union
    select business_date, currency_code from refunded
    union
    select business_date, currency_code from cohort_refunded
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
        cast(coalesce(refunded.refund_count, 0) as bigint) as refund_count,
        cast(coalesce(placed.placed_amount, 0) as decimal(18, 2)) as placed_amount,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from cells
    left join placed using (business_date, currency_code)
    left join paid using (business_date, currency_code)
    left join paid_lines using (business_date, currency_code)
    left join refunded using (business_date, currency_code)
    left join cohort_refunded using (business_date, currency_code)
)

select * from final
