-- A thousand places for each mix of cities, as many for a city as its share; one more for Xi'an.
create or replace table plan.places as
with

mixes as (
    select 0 as mix, city, province, share_early as share, row_number() over () as nth
    from plan.cities
    union all
    select 1, city, province, share_late, row_number() over ()
    from plan.cities
),

running as (
    select
        *,
        round(
            1000 * sum(share) over (partition by mix order by nth)
            / sum(share) over (partition by mix)
        )
            as upto,
    from mixes
),

ranges as (
    select
        *,
        lag(upto, 1, 0) over (partition by mix order by nth) as since,
    from running
)

select
    mix * 1000 + unnest(range(since::bigint, upto::bigint)) as place,
    city,
    province,
from ranges
union all
select 2000, '西安', '陕西'
order by place;

-- Buyers join in the order of their first order. Their mix changes with the time of joining: women
-- are the larger part while men grow faster, and so do those born from 1995 on.
create or replace temp table joiners as
with

days as (
    select
        days.day_start,
        min(cells.order_base) as first_order,
        sum(cells.orders) as orders,
    from plan.days as days
    inner join plan.cells as cells using (day)
    group by all
),

joined as (
    select
        day_start,
        floor(
            getvariable('customers') * pow(first_order / getvariable('orders')::double, 0.72e0)
        )::bigint as since,
        floor(
            getvariable('customers')
            * pow((first_order + orders) / getvariable('orders')::double, 0.72e0)
        )::bigint as upto,
    from days
),

everybody as (
    select
        unnest(range(since, upto)) as customer_no,
        day_start,
    from (from joined order by day_start)
    union all
    select
        unnest(range(
            getvariable('customers'),
            getvariable('customers') + getvariable('loyal_customers') + 3
        )),
        day_start(getvariable('from_date')),
)

select
    customer_no,
    day_start
    - 1
    - floor(2000000 * pow(draw('registered', customer_no), 3))::bigint as registered,
    customer_no / getvariable('customers')::double as age,
from everybody;

create or replace table truth.customers as
with

profiles as (
    select
        *,
        draw('gender', customer_no) as gender_draw,
        draw('generation', customer_no) as generation_draw,
        draw('birth year', customer_no) as year_draw,
        moved_at(customer_no) as moved,
        customer_no = getvariable('customers') + getvariable('loyal_customers') as is_xian,
    from joiners
),

described as (
    select
        customer_no,
        registered,
        moved,
        case
            when is_xian then 'male'
            when gender_draw < 0.04e0 then 'unknown'
            when gender_draw < 0.30e0 + 0.16e0 * age then 'male'
            else 'female'
        end as gender,
        case
            when is_xian then 1996
            when generation_draw < 0.05e0 then null
            when generation_draw < 0.24e0 + 0.18e0 * age
                then 1995 + floor(9 * pow(year_draw, 1.3e0))
            when generation_draw < 0.52e0 + 0.12e0 * age then 1990 + floor(5 * year_draw)
            when generation_draw < 0.86e0 + 0.05e0 * age then 1980 + floor(10 * year_draw)
            else 1955 + floor(25 * year_draw)
        end::bigint as birth_year,
        case
            when moved is not null and moved <= registered then next_place(customer_no)
            else home_place(customer_no)
        end as place,
        0 as version,
    from profiles
),

versions as (
    from described
    union all
    select * replace (next_place(customer_no) as place, 1 as version)
    from described
    where moved > registered
)

select
    make_id('customer', versions.customer_no) as customer_id,
    versions.customer_no as customer_number,
    versions.gender,
    versions.birth_year,
    places.province,
    places.city,
    at_time(versions.registered) as registered_at,
    at_time(case versions.version when 0 then versions.registered else versions.moved end)
        as updated_at,
from versions
inner join plan.places as places using (place)
order by versions.version, versions.customer_no;
