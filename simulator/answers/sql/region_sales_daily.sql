-- Paid orders and refunds by the receiver's province and city.
-- Grain: one row per business date, province and city of the order (`unknown` without one), and
-- currency with a payment or a refund.
-- For: sales.agg_region_sales_daily. city_tier is that of the 2021 list, null when not on it.
-- Refunds by refund date (cash) and by pay date (cohort), where the refunded order went.
with

sold as (
    select
        paid_date as business_date,
        coalesce(province, 'unknown') as province,
        coalesce(city, 'unknown') as city,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_id) as buyer_count,
        sum(pay_amount) as gmv,
    from base.orders
    where paid_date is not null
    group by all
),

placed as (
    select
        refunds.currency_code,
        refunds.refund_amount,
        refunds.refunded_date,
        refunds.paid_date,
        coalesce(orders.province, 'unknown') as province,
        coalesce(orders.city, 'unknown') as city,
    from base.refunds
    left join base.orders on refunds.order_id = orders.order_id
),

cash as (
    select
        refunded_date as business_date,
        province,
        city,
        currency_code,
        sum(refund_amount) as refunded,
    from placed
    group by all
),

cohort as (
    select
        paid_date as business_date,
        province,
        city,
        currency_code,
        sum(refund_amount) as cohort_refunded,
    from placed
    where paid_date is not null
    group by all
)

select
    business_date,
    province,
    city,
    currency_code,
    city_tiers.city_tier,
    coalesce(paid_order_count, 0) as paid_order_count,
    coalesce(buyer_count, 0) as buyer_count,
    yuan(coalesce(gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort_refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(gmv, 0) - coalesce(refunded, 0)) as net_cash_amount,
    yuan(coalesce(gmv, 0) - coalesce(cohort_refunded, 0)) as net_cohort_amount,
from sold
full join cash using (business_date, province, city, currency_code)
full join cohort using (business_date, province, city, currency_code)
left join base.city_tiers using (city)
order by business_date, province, city, currency_code
