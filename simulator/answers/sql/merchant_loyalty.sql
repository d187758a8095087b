-- Buyers of a merchant in a month, and those who came back.
-- Grain: one row per merchant and month (first day) of the payment.
-- For: customers.agg_merchant_loyalty_monthly. Orders are paid and not refunded in full. A buyer
-- returns when he had such an order at the merchant before his first one of the month, and is
-- loyal when he had two or more.
with

months as (
    select
        orders.merchant_id,
        kept.customer_id,
        date_trunc('month', kept.paid_date)::date as month,
        count(*) as orders,
    from base.kept_orders as kept
    inner join base.orders on kept.order_id = orders.order_id
    group by all
),

earlier as (
    select
        merchant_id,
        month,
        coalesce(
            sum(orders) over (
                partition by merchant_id, customer_id
                order by month
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as earlier_orders,
    from months
)

select
    merchant_id::varchar as merchant_id,
    month,
    count(*) as buyer_count,
    count(*) filter (where earlier_orders >= 1) as returning_buyer_count,
    count(*) filter (where earlier_orders >= 2) as loyal_buyer_count,
from earlier
group by all
order by merchant_id, month
