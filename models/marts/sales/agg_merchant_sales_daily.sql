{{ restate(
    by='business_date',
    images=['merchant_id'],
    affected_by={
        'fct_orders': 'select created_date from changes union all select paid_date from changes',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, merchant and currency with an order, a payment or a refund. A refund
-- without a link to a sale stands under the merchant `unknown`.
with
placed as (
    select
        created_date as business_date,
        merchant_id,
        currency_code,
        count(*) as placed_order_count,
        sum(order_amount) as placed_amount,
    from {{ affected_rows(ref('fct_orders'), 'created_date') }}
    group by all
),

paid as (
    select
        paid_date as business_date,
        merchant_id,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_orders'), 'paid_date') }}
    where is_paid
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        coalesce(merchant_id, 'unknown') as merchant_id,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        coalesce(merchant_id, 'unknown') as merchant_id,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

cells as (
    select business_date, merchant_id, currency_code from placed
    union
    select business_date, merchant_id, currency_code from paid
    union
    select business_date, merchant_id, currency_code from refunded
    union
    select business_date, merchant_id, currency_code from cohort_refunded
),

final as (
    select
        merchant_id,
        currency_code,
        cast(coalesce(placed.placed_order_count, 0) as bigint) as placed_order_count,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(placed.placed_amount, 0) as decimal(18, 2)) as placed_amount,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from cells
    left join placed using (business_date, merchant_id, currency_code)
    left join paid using (business_date, merchant_id, currency_code)
    left join refunded using (business_date, merchant_id, currency_code)
    left join cohort_refunded using (business_date, merchant_id, currency_code)
)

select * from final
