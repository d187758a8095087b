-- Customers with an order, under the id of the first of them, as their own ids are not published.
-- Grain: one row per customer with an order.
-- For: core.fct_orders with core.dim_customers: a customer is the set of his orders. first_order_id
-- is the smallest order id as text. Profiles are the newest version's; city_tier is that of the
-- 2021 list, null when the city is not on it.
with

bought as (
    select
        customer_id,
        min(order_id) as first_order_id,
        count(*) as order_count,
        count(paid_at) as paid_order_count,
        sum(pay_amount) filter (where paid_at is not null) as gmv,
    from base.orders
    where customer_id is not null
    group by all
)

select
    bought.first_order_id::varchar as first_order_id,
    bought.order_count,
    bought.paid_order_count,
    yuan(coalesce(bought.gmv, 0)) as gmv_amount,
    customers.gender,
    customers.birth_year,
    customers.city,
    city_tiers.city_tier,
from bought
left join base.customers on bought.customer_id = customers.customer_id
left join base.city_tiers on customers.city = city_tiers.city
order by first_order_id
