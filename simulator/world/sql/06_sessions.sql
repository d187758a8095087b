-- Ordinary sessions of a day: one for about 80 lines sold live. The first of a day are its largest.
create or replace table plan.session_days as
select
    days.day,
    days.day_start,
    greatest(1, round(coalesce(sum(numbers.lines * segments.live_share), 0) / 80))::bigint
        as sessions,
    coalesce(sum(numbers.orders * segments.live_share), 0) as live_orders,
    (sum(sessions) over (order by days.day) - sessions)::bigint as session_base,
from plan.days as days
left join plan.numbers as numbers
    on days.day = numbers.day and numbers.kind not in ('wine', 'dounan', 'rooms')
left join plan.segments as segments using (segment_no)
group by days.day, days.day_start
order by days.day;

-- What the orders of a day and segment are drawn from.
create or replace table plan.cells as
with

ordinary as (
    select
        sum(sessions)::bigint as sessions,
        4 * max(sessions)::bigint as creators,
    from plan.session_days
)

select
    row_number() over (order by numbers.day, numbers.segment_no, numbers.room) - 1 as cell_no,
    numbers.*,
    days.day_start,
    segments.segment,
    segments.category_id,
    segments.subcategory,
    coalesce(numbers.price, segments.price)::double as base_price,
    segments.spread::double as price_spread,
    segments.live_share::double as live,
    segments.video_share::double as video,
    openings.merchants,
    pools.merchant_base,
    pools.product_base,
    pools.products,
    pools.products_per_merchant,
    days.session_base,
    days.sessions,
    case
        when numbers.kind in ('wine', 'dounan', 'rooms')
            then ordinary.sessions - 1
            + sum((numbers.kind in ('wine', 'dounan', 'rooms'))::integer)
                over (order by numbers.day, numbers.segment_no, numbers.room)
    end::bigint as own_session_no,
    case numbers.kind
        when 'wine' then ordinary.creators
        when 'dounan' then ordinary.creators + 1
        when 'rooms' then ordinary.creators + 2 + numbers.room
    end as own_creator_no,
    min(numbers.line_base) over (partition by numbers.day) // 1000000 as chunk,
from plan.numbers as numbers
inner join plan.segments as segments using (segment_no)
inner join plan.openings as openings using (segment_no, day)
inner join plan.pools as pools using (segment_no)
inner join plan.session_days as days using (day)
cross join ordinary
order by numbers.day, numbers.segment_no, numbers.room;

-- One row per session with its host and times (seconds of the day in Shanghai).
create or replace table plan.sessions as
with

ordinary as (
    select
        session_base + nth as session_no,
        'ordinary' as kind,
        day_start,
        nth * 4 + between_of(0, 4, 'host', session_base + nth) as creator_no,
        null::bigint as merchant_no,
        live_orders
        * (pow((nth + 1) / sessions::double, 0.6e0) - pow(nth / sessions::double, 0.6e0))
            as expected_orders,
        6500.0e0 as order_value,
    from plan.session_days
    cross join lateral unnest(range(sessions)) as t (nth)
),

own as (
    select
        own_session_no,
        kind,
        day_start,
        own_creator_no,
        merchant_base + case when kind = 'rooms' then room else 0 end,
        orders,
        base_price,
    from plan.cells
    where own_session_no is not null
)

select
    *,
    case
        when kind = 'ordinary' then between_of(7 * 3600, 20 * 3600, 'session starts', session_no)
        else between_of(18 * 3600, 20 * 3600, 'session starts', session_no)
    end as starts,
    case
        when kind = 'ordinary'
            then least(86340 - starts, 600 * between_of(9, 31, 'session lasts', session_no))
        else 600 * between_of(12, 20, 'session lasts', session_no)
    end as lasts,
from (from ordinary union all from own)
order by session_no;
