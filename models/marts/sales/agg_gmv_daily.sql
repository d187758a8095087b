{{ restate(
    by='business_date',
    affected_by={
        'agg_paid_lines_daily': 'business_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, channel, category and currency with a payment or a refund.
-- refunded_amount counts refunds on the day of the refund, cohort_refunded_amount the same
-- refunds on the day their order was paid; a refund without a link to a sale has no cohort.
with
paid as (
    select * from {{ affected_rows(ref('agg_paid_lines_daily'), 'business_date') }}
),

refunds_by_refund_date as (
    select * from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
),

refunds_by_pay_date as (
    select *
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
),

refunded as (
    select
        refunded_date as business_date,
        channel,
        category_id,
        currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded_amount,
    from refunds_by_refund_date
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        channel,
        category_id,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from refunds_by_pay_date
    group by all
),

cells as (
    select business_date, channel, category_id, currency_code from paid
    union
    select business_date, channel, category_id, currency_code from refunded
    union
    select business_date, channel, category_id, currency_code from cohort_refunded
),

final as (
    select
        category_id,
        channel,
        currency_code,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(refunded.refund_count, 0) as bigint) as refund_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from cells
    left join paid using (business_date, channel, category_id, currency_code)
    left join refunded using (business_date, channel, category_id, currency_code)
    left join cohort_refunded using (business_date, channel, category_id, currency_code)
)

select * from final
