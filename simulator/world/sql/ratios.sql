-- One row per published figure: name and value as of the end of the data.
create or replace temp macro business_date(moment) as (moment + interval 8 hour)::date;

create or replace temp macro in_618(day, in_year) as
    day between make_date(in_year, 6, 1) and make_date(in_year, 6, 18);

-- A product's first version stands for it: none of a calibrated segment changes.
create or replace temp table goods as
select product_id, min_by(columns(* exclude (product_id)), updated_at)
from truth.products
group by product_id;

create or replace temp table paid_lines as
select
    order_lines.order_id,
    order_lines.product_id,
    order_lines.merchant_id,
    order_lines.session_id,
    order_lines.creator_id,
    order_lines.item_count,
    order_lines.pay_amount,
    business_date(order_lines.paid_at) as day,
from truth.order_lines
cross join truth.parameters
where order_lines.paid_at < parameters.end_at;

create or replace temp table paid_orders as
select
    orders.order_id,
    orders.customer_id,
    orders.merchant_id,
    orders.session_id,
    orders.channel,
    orders.city,
    orders.pay_amount,
    orders.paid_at,
    business_date(orders.paid_at) as day,
    orders.case_code,
from truth.orders
cross join truth.parameters
where orders.paid_at < parameters.end_at;

create or replace temp table sold as
select
    paid_lines.day,
    paid_lines.item_count,
    paid_lines.pay_amount,
    paid_lines.product_id,
    columns(goods.* exclude (product_id)),
from paid_lines
inner join goods using (product_id);

create or replace temp table buyers as
select
    paid_orders.day,
    customers.customer_id,
    customers.gender,
    customers.birth_year,
    cities.city_tier,
from paid_orders
inner join (
    select
        customer_id,
        any_value(gender) as gender,
        any_value(birth_year) as birth_year,
        min_by(city, updated_at) as city,
    from truth.customers
    group by customer_id
) as customers using (customer_id)
inner join plan.cities as cities on customers.city = cities.city;

-- Buyers of the first half-year of 2021 over those of the half-year before, by group.
create or replace temp table buyer_growth as
select
    'gender ' || gender as people,
    count(distinct customer_id) filter (where day between '2020-07-01' and '2020-12-31') as before,
    count(distinct customer_id) filter (where day between '2021-01-01' and '2021-06-30') as after,
    after / nullif(before, 0) as growth,
from buyers
group by all
union all
select
    'tier ' || city_tier,
    count(distinct customer_id) filter (where day between '2020-07-01' and '2020-12-31') as before,
    count(distinct customer_id) filter (where day between '2021-01-01' and '2021-06-30') as after,
    after / nullif(before, 0),
from buyers
group by all
union all
select
    'born ' || case
        when birth_year >= 1995 then 'from 1995'
        when birth_year >= 1990 then '1990-1994'
        when birth_year >= 1980 then '1980-1989'
        else 'earlier'
    end as people,
    count(distinct customer_id) filter (where day between '2020-07-01' and '2020-12-31') as before,
    count(distinct customer_id) filter (where day between '2021-01-01' and '2021-06-30') as after,
    after / nullif(before, 0),
from buyers
where birth_year is not null
group by people;

create or replace temp table brands as
select
    brand_name,
    any_value(is_domestic_brand) as is_domestic,
    row_number() over (order by sum(pay_amount) desc) as place,
from sold
where subcategory = 'footwear' and day between '2021-07-21' and '2021-08-08'
group by brand_name;

create or replace temp table merchant_returns as
select
    paid_orders.channel,
    paid_orders.merchant_id,
    count(*) as orders,
    count(returned.order_id) as returned,
from paid_orders
left join (
    select distinct claims.order_id
    from truth.claims
    cross join truth.parameters
    where claims.claim_type = 0 and claims.refunded_at < parameters.end_at
) as returned using (order_id)
where paid_orders.day < (select to_date - 60 from truth.parameters)
group by all;

create or replace temp table repurchases as
select
    half,
    count(*) filter (where orders >= 2) / count(*) as rate,
from (
    select customer_id, half, count(*) as orders
    from (
        select customer_id, 1 as half
        from paid_orders
        where day between '2020-10-03' and '2020-12-31'
        union all
        select customer_id, 2
        from paid_orders
        where day between '2021-06-03' and '2021-08-31'
    )
    group by all
)
group by half;

create or replace temp table wine_months as
select
    date_trunc('month', day) as month,
    count(distinct customer_id) as customers,
    sum(pay_amount) / 100 as gmv,
    sum(pay_amount) / count(*) / 100 as order_value,
from paid_orders
where case_code = 'wine'
group by all;

create or replace temp table sessions as
select
    paid_orders.session_id,
    livestream_sessions.creator_id,
    livestream_sessions.viewer_count,
    livestream_sessions.kind,
    business_date(livestream_sessions.started_at) as day,
    sum(paid_orders.pay_amount) / 100 as gmv,
from paid_orders
inner join truth.livestream_sessions using (session_id)
group by all;

select 'C01 merchants 618' as name,
    count(distinct merchant_id) filter (where in_618(day, 2021))
    / nullif(count(distinct merchant_id) filter (where in_618(day, 2020)), 0) as value
from paid_lines
union all
select 'C02 local products / stated',
    count(distinct product_id) filter (where is_local_speciality and in_618(day, 2021))
    / (223000 * any_value(scale))
from sold cross join truth.parameters
union all
select 'C03 ' || subcategory,
    sum(item_count) filter (where in_618(day, 2021))
    / sum(item_count) filter (where in_618(day, 2020))
from sold where subcategory in ('vegetables', 'fruit') group by subcategory
union all
select 'C04 qixi units',
    sum(item_count) filter (where day between '2021-08-01' and '2021-08-12')
    / sum(item_count) filter (where day between '2021-07-20' and '2021-07-31')
from sold where is_qixi
union all
select 'C05 rose units',
    sum(item_count) filter (where day between '2021-08-01' and '2021-08-12')
    / sum(item_count) filter (where day between '2021-02-03' and '2021-02-14')
from sold where is_rose
union all
select 'C06 china style share of gifts',
    sum(item_count) filter (where is_china_style) / sum(item_count)
from sold where is_qixi and not is_rose and day between '2021-08-01' and '2021-08-12'
union all
select 'C15 repurchase rate 2020', max(rate) filter (where half = 1) from repurchases
union all
select 'C15 repurchase rate 2021', max(rate) filter (where half = 2) from repurchases
union all
select 'C16 loyal customers of every month / stated', min(customers) / (2000 * any_value(scale))
from wine_months cross join truth.parameters
union all
select 'C17 wine gmv a month, 10 million x scale', avg(gmv) / (1e7 * any_value(scale))
from wine_months cross join truth.parameters
union all
select 'C18 wine order value', avg(order_value) from wine_months
union all
select 'C18 wine viewers', avg(viewer_count) from sessions where kind = 'wine'
union all
select 'C20 claims served / stated',
    count(*) filter (where refunded_at < end_at and right_code in ('R6', 'R7'))
    / (188000 * any_value(scale))
from truth.claims cross join truth.parameters
union all
select 'C22 return rate ' || channel, sum(returned) / sum(orders)
from merchant_returns group by channel
union all
select 'C26 clothing merchants ' || case
        when rate <= 0.15 then 'up to 15%' when rate <= 0.2 then '15 to 20%' else 'over 20%'
    end as name, count(*)
from (
    select merchant_id, sum(returned) / sum(orders) as rate
    from merchant_returns
    where merchant_id in (select merchant_id from goods where category_id = 'apparel')
    group by merchant_id
    having sum(orders) >= 30
) group by name
union all
select 'C28 share of refunds applied for within 2 h',
    count(*) filter (where applied_at <= paid_at + interval 2 hour) / count(*)
from truth.claims inner join truth.orders using (order_id) where refunded_at is not null
union all
select 'C30 hit orders / stated', count(*) / (100000 * any_value(scale))
from paid_orders cross join truth.parameters where case_code = 'hit'
union all
select 'C31 dounan gmv / stated', sum(pay_amount) / 100 / (5e6 * any_value(scale))
from paid_orders cross join truth.parameters
where case_code = 'dounan' and day between '2020-03-01' and '2020-12-31'
union all
select 'C32 sports gmv',
    sum(pay_amount) filter (where day between '2021-07-21' and '2021-08-08')
    / sum(pay_amount) filter (where day between '2020-07-21' and '2020-08-08')
from sold where category_id = 'sports'
union all
select 'C33 brand ranking holds',
    (count(*) filter (where brand_name = '鸿星尔克' and place = 1) = 1
    and count(*) filter (where brand_name in ('贵人鸟', '李宁', '安踏') and place <= 5) = 3
    and count(*) filter (where is_domestic and place <= 5) = 4)::integer
from brands
union all
select 'C34 rooms over 10 million', count(distinct creator_id)
from sessions where in_618(day, 2021) and gmv >= 10e6
union all
select 'C34 rooms over 100 million', count(distinct creator_id)
from sessions where in_618(day, 2021) and gmv >= 100e6
union all
select 'C34 largest other session, CNY', max(gmv) from sessions where kind <> 'rooms'
union all
select 'C35 gmv of january',
    sum(pay_amount) filter (where day between '2021-01-01' and '2021-01-31')
    / sum(pay_amount) filter (where day between '2020-01-01' and '2020-01-31')
from paid_orders
union all
select 'C36-38 growth of ' || people, growth from buyer_growth
union all
select 'C36 women / men', max(after) filter (where people = 'gender female')
    / max(after) filter (where people = 'gender male') from buyer_growth
union all
select 'C37 share born 1980 to 1999',
    count(distinct customer_id) filter (where birth_year between 1980 and 1999)
    / count(distinct customer_id) filter (where birth_year is not null)
from buyers
union all
select 'C39 ' || city || ' place', row_number() over (order by sum(pay_amount) desc) as place
from paid_orders where day between '2020-01-01' and '2020-12-31'
group by city qualify place <= 4
union all
select 'C40 lifetime spend', max(spend) / 100
from (
    select customer_id, sum(pay_amount) as spend
    from paid_orders where case_code = 'xian' group by all
)
union all
select 'C43 share of instalments', count(*) filter (where pay_type = 8) / count(*)
from truth.orders where paid_at is not null
union all
select 'C44 platform partners', count(distinct merchant_id) from truth.merchants
where merchant_type = 'platform_partner'
order by name;
