-- Paid sales and refunds by merchant and month.
-- Grain: one row per merchant and month (first day) of the payment.
-- For: sales.agg_merchant_sales_daily. Refunds are the successful ones of the orders paid in the
-- month.
with

sold as (
    select
        merchant_id,
        date_trunc('month', paid_date)::date as month,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_id) as buyer_count,
        sum(pay_amount) as gmv,
    from base.orders
    where paid_date is not null
    group by all
),

refunded as (
    select
        merchant_id,
        date_trunc('month', paid_date)::date as month,
        currency_code,
        sum(refund_amount) as refunded,
    from base.refunds
    where paid_date is not null
    group by all
)

select
    merchant_id::varchar as merchant_id,
    month,
    currency_code,
    paid_order_count,
    buyer_count,
    yuan(gmv) as gmv_amount,
    yuan(coalesce(refunded, 0)) as cohort_refunded_amount,
from sold
left join refunded using (merchant_id, month, currency_code)
order by merchant_id, month, currency_code
