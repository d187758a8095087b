-- What was paid and refunded in each livestream session, by day.
-- Grain: one row per business date and session, `none` outside any.
-- For: livestream.agg_session_sales_daily. Lines by the day of their payment, refunds by the day of
-- the refund and (cohort) by that of the payment. Over the sessions of a day it adds up to the
-- platform's sales.
with

paid as (
    select
        paid_date as business_date,
        coalesce(session_id::varchar, 'none') as session_id,
        currency_code,
        count(*) as lines,
        sum(item_count) as items,
        sum(pay_amount) as gmv,
    from base.lines
    where paid_date is not null
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        coalesce(session_id::varchar, 'none') as session_id,
        currency_code,
        sum(refund_amount) as refunded,
    from base.refunds
    group by all
),

cohort as (
    select
        paid_date as business_date,
        coalesce(session_id::varchar, 'none') as session_id,
        currency_code,
        sum(refund_amount) as refunded,
    from base.refunds
    where paid_date is not null
    group by all
)

select
    business_date,
    session_id,
    currency_code,
    coalesce(paid.lines, 0) as paid_line_count,
    coalesce(paid.items, 0)::bigint as item_count,
    yuan(coalesce(paid.gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded.refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort.refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(paid.gmv, 0) - coalesce(refunded.refunded, 0)) as net_cash_amount,
    yuan(coalesce(paid.gmv, 0) - coalesce(cohort.refunded, 0)) as net_cohort_amount,
from paid
full join refunded using (business_date, session_id, currency_code)
full join cohort using (business_date, session_id, currency_code)
order by business_date, session_id, currency_code
