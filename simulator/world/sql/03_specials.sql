-- Cells of the things that are told of one by one: how many lines a segment has on a day, in a
-- room.
create or replace table plan.specials as
with

wine_days as (
    select
        day,
        day(day) as nth,
        day(last_day(day)) as days,
        getvariable('loyal_customers') * case when getvariable('lines') < 100000 then 1 else 4 end
            as orders,
    from plan.days
    where day >= date '2020-09-01'
),

-- A loyal customer's orders of a month are worth 12,500 CNY at full size and above.
wine as (
    select
        'wine' as kind,
        day,
        0 as room,
        nth * orders // days - (nth - 1) * orders // days as lines,
        greatest(120000, 2500000000 * getvariable('scale') / orders)::bigint as price,
    from wine_days
),

dounan_days as (
    select
        day,
        78000 * getvariable('scale') / 306 as lines,
        row_number() over (order by day) as nth,
    from plan.days
    where day >= date '2020-03-01'
),

dounan as (
    select
        'dounan',
        day,
        0,
        (ceil(nth * lines) - ceil((nth - 1) * lines))::bigint,
        6600,
    from dounan_days
),

hit_days as (
    select
        day,
        130000 * getvariable('scale') / 93 as lines,
        day - date '2021-03-08' as nth,
    from plan.days
    where day between date '2021-03-08' and date '2021-06-08'
),

hit as (
    select
        'hit',
        day,
        0,
        (round((nth + 1) * lines) - round(nth * lines))::bigint,
        1990,
    from hit_days
),

rooms as (
    select
        'rooms',
        date '2021-06-01' + floor(18 * even(0.6180339887e0, 'room day', room))::integer,
        room,
        case when room < getvariable('rooms_over_100m') then 3600 else 1000 end,
        case
            when room < getvariable('rooms_over_100m') then 3700000
            when even(0.7548776662e0, 'room price', room) < 0.7
                then between_of(1260000, 1500000, 'room', room)
            else between_of(1500000, 3000000, 'room', room)
        end,
    from range(getvariable('rooms')) as t (room)
),

xian as (
    select
        'xian',
        getvariable('from_date')
        + floor((nth + 0.5e0) * getvariable('span') / 10)::integer,
        0,
        count(*),
        200000,
    from range(10) as t (nth)
    group by all
),

cases as (
    select
        'durian',
        greatest(getvariable('from_date'), least(date '2021-08-05', getvariable('to_date') - 12)),
        0,
        1,
        36800
    union all
    select
        'allergy',
        greatest(getvariable('from_date'), least(date '2021-06-22', getvariable('to_date') - 45)),
        0,
        1,
        149000
)

select specials.*
from (
    from wine
    union all from dounan
    union all from hit
    union all from rooms
    union all from xian
    union all from cases
) as specials
inner join plan.days using (day)
where specials.lines > 0
order by kind, day, room;
