with paid as (
    select
        paid_date as business_date, channel, category_id, currency_code,
        count(distinct order_id) as paid_order_count,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount
    from paid_lines
    group by all
),

refunded as (
    select
        refunded_date as business_date, channel, category_id, currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded_amount
    from refunds_of_day
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date, channel, category_id, currency_code,
        sum(refund_amount) as cohort_refunded_amount
    from refunds_of_cohort
    group by all
)

select
    category_id, channel, currency_code,
    coalesce(paid_order_count, 0) as paid_order_count,
    coalesce(paid_line_count, 0) as paid_line_count,
    coalesce(item_count, 0)::bigint as item_count,
    coalesce(refund_count, 0) as refund_count,
    coalesce(gmv_amount, 0)::decimal(18, 2) as gmv_amount,
    coalesce(refunded_amount, 0)::decimal(18, 2) as refunded_amount,
    coalesce(cohort_refunded_amount, 0)::decimal(18, 2) as cohort_refunded_amount,
    (coalesce(gmv_amount, 0) - coalesce(refunded_amount, 0))::decimal(18, 2) as net_cash_amount,
    (coalesce(gmv_amount, 0) - coalesce(cohort_refunded_amount, 0))::decimal(18, 2)
        as net_cohort_amount,
    business_date
from paid
full outer join refunded using (business_date, channel, category_id, currency_code)
full outer join cohort_refunded using (business_date, channel, category_id, currency_code)
