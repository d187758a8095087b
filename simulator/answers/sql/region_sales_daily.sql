-- Paid orders by the receiver's province and city.
-- Grain: one row per business date, province and city of the order (`unknown` without one).
-- For: sales.agg_region_sales_daily. city_tier is that of the 2021 list, null when not on it.
select
    orders.paid_date as business_date,
    coalesce(orders.province, 'unknown') as province,
    coalesce(orders.city, 'unknown') as city,
    orders.currency_code,
    any_value(city_tiers.city_tier) as city_tier,
    count(*) as paid_order_count,
    count(distinct orders.customer_id) as buyer_count,
    yuan(sum(orders.pay_amount)) as gmv_amount,
from base.orders
left join base.city_tiers on orders.city = city_tiers.city
where orders.paid_date is not null
group by all
order by business_date, province, city, currency_code
