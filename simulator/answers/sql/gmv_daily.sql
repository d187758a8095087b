-- Paid GMV, and refunds both ways, by day, channel and category.
-- Grain: one row per business date, channel, category and currency with a payment or a refund.
-- For: sales.agg_gmv_daily. gmv_amount = paid amounts of lines (freight share included) by pay
-- date, refunds not taken off. refunded_amount = successful refunds by refund date (cash),
-- cohort_refunded_amount = the same by the pay date of their order (cohort). Order and claim counts
-- are distinct within their row and never add up over rows.
with

paid as (
    select
        paid_date as business_date,
        channel,
        category_id,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv,
    from base.lines
    where paid_date is not null
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        channel,
        category_id,
        currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded,
    from base.refunds
    group by all
),

cohort as (
    select
        paid_date as business_date,
        channel,
        category_id,
        currency_code,
        sum(refund_amount) as cohort_refunded,
    from base.refunds
    where paid_date is not null
    group by all
)

select
    business_date,
    channel,
    category_id,
    currency_code,
    coalesce(paid_order_count, 0) as paid_order_count,
    coalesce(paid_line_count, 0) as paid_line_count,
    coalesce(item_count, 0)::bigint as item_count,
    coalesce(refund_count, 0) as refund_count,
    yuan(coalesce(gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort_refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(gmv, 0) - coalesce(refunded, 0)) as net_cash_amount,
    yuan(coalesce(gmv, 0) - coalesce(cohort_refunded, 0)) as net_cohort_amount,
from paid
full join refunded using (business_date, channel, category_id, currency_code)
full join cohort using (business_date, channel, category_id, currency_code)
order by business_date, channel, category_id, currency_code
