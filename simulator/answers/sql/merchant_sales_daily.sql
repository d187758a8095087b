-- Placed, paid and refunded amounts by merchant and day.
-- Grain: one row per business date, merchant and currency with an order, a payment or a refund.
-- For: sales.agg_merchant_sales_daily. Placed by creation date, GMV by pay date, refunds by refund
-- date (cash) and by pay date (cohort); net = GMV less either.
with

events as (
    select
        merchant_id,
        currency_code,
        created_date as business_date,
        'placed' as event,
        order_amount as amount,
        customer_id,
    from base.orders
    union all
    select
        merchant_id,
        currency_code,
        paid_date,
        'paid',
        pay_amount,
        customer_id,
    from base.orders
    where paid_date is not null
    union all
    select
        merchant_id,
        currency_code,
        refunded_date,
        'refunded',
        refund_amount,
        null,
    from base.refunds
    union all
    select
        merchant_id,
        currency_code,
        paid_date,
        'refunded cohort',
        refund_amount,
        null,
    from base.refunds
    where paid_date is not null
)

select
    business_date,
    coalesce(merchant_id::varchar, 'unknown') as merchant_id,
    currency_code,
    count(*) filter (where event = 'placed') as placed_order_count,
    count(*) filter (where event = 'paid') as paid_order_count,
    count(distinct customer_id) filter (where event = 'paid') as buyer_count,
    yuan(coalesce(sum(amount) filter (where event = 'placed'), 0)) as placed_amount,
    yuan(coalesce(sum(amount) filter (where event = 'paid'), 0)) as gmv_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded'), 0)) as refunded_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded cohort'), 0))
        as cohort_refunded_amount,
    gmv_amount - refunded_amount as net_cash_amount,
    gmv_amount - cohort_refunded_amount as net_cohort_amount,
from events
group by all
order by business_date, merchant_id, currency_code
