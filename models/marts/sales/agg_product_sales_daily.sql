{{ restate(
    by='business_date',
    images=['product_id'],
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, product and currency with a payment or a refund. A refund that names
-- no product stands under the product `unknown`.
with
paid as (
    select
        paid_date as business_date,
        product_id,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        count(distinct customer_key) as buyer_count,
        bool_or(is_local_speciality) as is_local_speciality,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        coalesce(product_id, 'unknown') as product_id,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        coalesce(product_id, 'unknown') as product_id,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

cells as (
    select business_date, product_id, currency_code from paid
    union
    select business_date, product_id, currency_code from refunded
    union
    select business_date, product_id, currency_code from cohort_refunded
),

final as (
    select
        product_id,
        currency_code,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        coalesce(paid.is_local_speciality, false) as is_local_speciality,
        business_date,
    from cells
    left join paid using (business_date, product_id, currency_code)
    left join refunded using (business_date, product_id, currency_code)
    left join cohort_refunded using (business_date, product_id, currency_code)
)

select * from final
