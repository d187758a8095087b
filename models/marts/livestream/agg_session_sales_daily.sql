{{ restate(
    by='business_date',
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, livestream session (`none` outside any) and currency with a payment or
-- a refund: over the sessions of a day it adds up to the platform's sales of the day. Sessions that
-- have not been delivered yet are in it too.
with
paid as (
    select
        paid_date as business_date,
        coalesce(session_id, 'none') as session_id,
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
        coalesce(session_id, 'none') as session_id,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        coalesce(session_id, 'none') as session_id,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

final as (
    select
        session_id,
        currency_code,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from paid
    full outer join refunded using (business_date, session_id, currency_code)
    full outer join cohort_refunded using (business_date, session_id, currency_code)
)

select * from final
