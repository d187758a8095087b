{{ restate(
    by='business_date',
    images=['currency_code'],
    affected_by={
        'agg_orders_daily': 'business_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date and currency: the platform's totals. Distinct counts hold for the
-- day alone and never add up over days.
with
paid as (
    select * from {{ affected_rows(ref('agg_orders_daily'), 'business_date') }}
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
    select business_date, currency_code from paid
    union
    select business_date, currency_code from refunded
    union
    select business_date, currency_code from cohort_refunded
),

final as (
    select
        currency_code,
        cast(coalesce(paid.placed_order_count, 0) as bigint) as placed_order_count,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(paid.merchant_count, 0) as bigint) as merchant_count,
        cast(coalesce(paid.product_count, 0) as bigint) as product_count,
        cast(coalesce(refunded.refund_count, 0) as bigint) as refund_count,
        cast(coalesce(paid.placed_amount, 0) as decimal(18, 2)) as placed_amount,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from cells
    left join paid using (business_date, currency_code)
    left join refunded using (business_date, currency_code)
    left join cohort_refunded using (business_date, currency_code)
)

select * from final
