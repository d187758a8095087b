-- Totals and distinct counts of the platform by day.
-- Grain: one row per business date and currency on which an order was placed or paid, or a claim
-- refunded.
-- For: sales.agg_sales_daily. Placed by creation date (paid or not), GMV by pay date, refunds by
-- refund date (cash) and by pay date (cohort); net = GMV less either. Counts of buyers, merchants
-- and products are distinct within the day.
with

placed as (
    select
        created_date as business_date,
        currency_code,
        count(*) as placed_order_count,
        sum(order_amount) as placed,
    from base.orders
    group by all
),

paid as (
    select
        paid_date as business_date,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_id) as buyer_count,
        count(distinct merchant_id) as merchant_count,
        sum(pay_amount) as gmv,
    from base.orders
    where paid_date is not null
    group by all
),

paid_lines as (
    select
        paid_date as business_date,
        currency_code,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        count(distinct product_id) as product_count,
    from base.lines
    where paid_date is not null
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded,
    from base.refunds
    group by all
),

cohort as (
    select
        paid_date as business_date,
        currency_code,
        sum(refund_amount) as cohort_refunded,
    from base.refunds
    where paid_date is not null
    group by all
)

select
    business_date,
    currency_code,
    coalesce(placed_order_count, 0) as placed_order_count,
    coalesce(paid_order_count, 0) as paid_order_count,
    coalesce(paid_line_count, 0) as paid_line_count,
    coalesce(item_count, 0)::bigint as item_count,
    coalesce(buyer_count, 0) as buyer_count,
    coalesce(merchant_count, 0) as merchant_count,
    coalesce(product_count, 0) as product_count,
    coalesce(refund_count, 0) as refund_count,
    yuan(coalesce(placed, 0)) as placed_amount,
    yuan(coalesce(gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort_refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(gmv, 0) - coalesce(refunded, 0)) as net_cash_amount,
    yuan(coalesce(gmv, 0) - coalesce(cohort_refunded, 0)) as net_cohort_amount,
from placed
full join paid using (business_date, currency_code)
full join paid_lines using (business_date, currency_code)
full join refunded using (business_date, currency_code)
full join cohort using (business_date, currency_code)
order by business_date, currency_code
