-- What creators sold, by day.
-- Grain: one row per business date and creator, `none` where nobody promoted the line.
-- For: livestream.agg_creator_sales_daily. As session_sales_daily; orders, buyers, sessions and
-- products are distinct in the row.
with

paid as (
    select
        paid_date as business_date,
        coalesce(creator_id::varchar, 'none') as creator_id,
        currency_code,
        count(*) as lines,
        sum(item_count) as items,
        sum(pay_amount) as gmv,
        count(distinct order_id) as orders,
        count(distinct customer_id) as buyers,
        count(distinct session_id) as sessions,
        count(distinct product_id) as products,
        sum(pay_amount) filter (where channel = 'live') as live_gmv,
        sum(pay_amount) filter (where channel = 'video') as video_gmv,
    from base.lines
    where paid_date is not null
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        coalesce(creator_id::varchar, 'none') as creator_id,
        currency_code,
        sum(refund_amount) as refunded,
    from base.refunds
    group by all
),

cohort as (
    select
        paid_date as business_date,
        coalesce(creator_id::varchar, 'none') as creator_id,
        currency_code,
        sum(refund_amount) as refunded,
    from base.refunds
    where paid_date is not null
    group by all
)

select
    business_date,
    creator_id,
    currency_code,
    coalesce(paid.lines, 0) as paid_line_count,
    coalesce(paid.items, 0)::bigint as item_count,
    coalesce(paid.orders, 0) as paid_order_count,
    coalesce(paid.buyers, 0) as buyer_count,
    coalesce(paid.sessions, 0) as session_count,
    coalesce(paid.products, 0) as product_count,
    yuan(coalesce(paid.live_gmv, 0)) as live_gmv_amount,
    yuan(coalesce(paid.video_gmv, 0)) as video_gmv_amount,
    yuan(coalesce(paid.gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded.refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort.refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(paid.gmv, 0) - coalesce(refunded.refunded, 0)) as net_cash_amount,
    yuan(coalesce(paid.gmv, 0) - coalesce(cohort.refunded, 0)) as net_cohort_amount,
from paid
full join refunded using (business_date, creator_id, currency_code)
full join cohort using (business_date, creator_id, currency_code)
order by business_date, creator_id, currency_code
