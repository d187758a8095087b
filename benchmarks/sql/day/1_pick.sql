create temp macro day_of(moment) as (moment + interval 8 hour)::date;

-- What a day changes, picked by the hash of its key: the same rows from the same history.
-- Variables: day (the business date), lines (of the whole history).
create temp table recent_orders as
select
    * exclude (source, _delivery_id, _row_number),
    day_of(created_at) as created_date
from raw.orders
where
    created_at >= getvariable('day') - interval 61 day
    and created_at < getvariable('day') - interval 8 hour
qualify row_number() over (partition by order_id order by updated_at desc, _delivery_id desc) = 1;

create temp table recent_lines as
select * exclude (source, _delivery_id, _row_number)
from raw.order_lines
where order_id in (select order_id from recent_orders)
qualify row_number() over (partition by line_id order by updated_at desc, _delivery_id desc) = 1;

-- New orders look like recent ones, as many as make 1/730 of all lines.
create temp table models_of_new_orders as
select order_id
from recent_orders
inner join (select order_id, count(*) as line_count from recent_lines group by all)
    using (order_id)
qualify
    sum(line_count) over (order by hash(order_id) rows unbounded preceding)
    <= getvariable('lines') / 730;

-- 30% of the orders of the last 15 days.
create temp table updated_orders as
select order_id, created_at
from recent_orders
where created_date >= getvariable('day') - interval 15 day and paid_at is not null
order by hash('updated' || order_id)
limit (
    select (count(*) * 0.3)::bigint
    from recent_orders where created_date >= getvariable('day') - interval 15 day
);

-- A day's share of all claims, on lines that were paid in the last 60 days.
create temp table newly_claimed_lines as
select
    line_id, order_id, recent_lines.pay_amount, customer_id, currency_code, paid_at
from recent_lines
inner join recent_orders using (order_id)
where
    paid_at is not null and recent_lines.pay_amount > 0
    and order_id not in (select order_id from raw.claims)
qualify
    row_number() over (partition by order_id order by line_id) = 1
order by hash('claimed' || line_id)
limit (select count(distinct claim_id) // 730 from raw.claims);
