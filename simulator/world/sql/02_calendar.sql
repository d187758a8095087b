-- Business days with the platform's weight: growth, week, campaigns, festivals, a little noise.
create or replace table plan.days as
with

-- Lines per day in the middle of each month from January 2020 on, January 2020 = 1.
levels as (
    select [
        1.0e0, 1.25, 2.2, 3.2, 4.5, 6.0, 7.0, 8.5, 10.0, 12.5, 16.0, 18.0,
        20.0, 15.5, 19.0, 20.0, 22.0, 24.0, 24.5, 26.0,
    ] as level,
),

days as (
    select
        day::date as day,
        (day::date - date '2020-01-16') / 30.4375e0 as months,
        greatest(0, least(18, floor(months)))::bigint as step,
    from generate_series(
        getvariable('from_date'), getvariable('to_date'), interval 1 day
    ) as t (day)
),

growth as (
    select
        day,
        months,
        case
            when months < 0 then exp(0.05e0 * months)
            when months > 19 then level[20] * exp(0.02e0 * (months - 19))
            else level[step + 1] * pow(level[step + 2] / level[step + 1], months - step)
        end as level,
    from days
    cross join levels
),

-- 618 of 2020 is no campaign of the platform's own, yet its merchants take part.
campaigns as (
    select start_date, end_date, 1.3e0 as factor
    from plan.campaigns
    where is_platform_owned
    union all
    select date '2020-06-01', date '2020-06-18', 1.1e0
),

festivals as (
    select
        anchor_date + from_offset as start_date,
        anchor_date + to_offset as end_date,
        factor,
    from plan.anchors
    inner join (
        values
        ('SPRING', -2, 5, 0.65e0), ('W38', -1, 0, 1.15), ('D520', 0, 0, 1.25),
        ('D11', 0, 0, 1.3), ('D12', -1, 0, 1.2), ('C618', -2, 0, 1.15), ('C818', -1, 0, 1.1)
    ) as t (anchor_code, from_offset, to_offset, factor) using (anchor_code)
),

factors as (
    select growth.day, product(windows.factor) as factor
    from growth
    inner join (from campaigns union all from festivals) as windows
        on growth.day between windows.start_date and windows.end_date
    group by all
)

select
    growth.day,
    day_start(growth.day) as day_start,
    growth.months,
    growth.level
    * coalesce(factors.factor, 1)
    * case when isodow(growth.day) >= 6 then 1.08e0 else 1.0e0 end
    * (0.96e0 + 0.08e0 * draw('day', growth.day - date '2000-01-01')) as weight,
from growth
left join factors using (day)
order by growth.day;

-- What every segment of the ordinary trade weighs on every day; calibration.py bends it.
create or replace table plan.weights as
with

shares as (
    select
        segments.segment_no,
        segments.segment,
        segments.draw_group,
        days.day,
        days.weight
        * segments.share_early
        * pow(
            segments.share_late / segments.share_early,
            greatest(-0.1e0, least(1.1e0, days.months / 19))
        ) as weight,
    from plan.segments as segments
    cross join plan.days as days
    where segments.kind in ('normal', 'local')
),

boosts as (
    select shares.segment_no, shares.day, product(boosts.factor) as factor
    from shares
    inner join plan.boosts as boosts
        on
            shares.segment = boosts.segment
            and shares.day between boosts.from_date and boosts.to_date
    group by all
)

select
    shares.segment_no,
    shares.draw_group,
    shares.day,
    shares.weight * coalesce(boosts.factor, 1) as weight,
from shares
left join boosts using (segment_no, day)
order by shares.segment_no, shares.day;
