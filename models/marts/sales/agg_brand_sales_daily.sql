{{ restate(
    by='business_date',
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, category, brand (`none` without one) and currency with a payment or a
-- refund. A ranking over a window is by the sum of gmv_amount.
with
paid as (
    select
        paid_date as business_date,
        category_id,
        coalesce(brand_name, 'none') as brand_name,
        currency_code,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        category_id,
        coalesce(brand_name, 'none') as brand_name,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        category_id,
        coalesce(brand_name, 'none') as brand_name,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

cells as (
    select business_date, category_id, brand_name, currency_code from paid
    union
    select business_date, category_id, brand_name, currency_code from refunded
    union
    select business_date, category_id, brand_name, currency_code from cohort_refunded
),

final as (
    select
        category_id,
        brand_name,
        currency_code,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from cells
    left join paid using (business_date, category_id, brand_name, currency_code)
    left join refunded using (business_date, category_id, brand_name, currency_code)
    left join cohort_refunded using (business_date, category_id, brand_name, currency_code)
)

select * from final
