-- How many merchants a segment has at the two 618 campaigns and at the end. Their sum grows 2.9
-- times from campaign to campaign; local specialities have as many merchants as their products
-- need.
create or replace table plan.pools as
with

counted as (
    select
        segments.segment_no,
        segments.segment,
        segments.kind,
        segments.products_per_merchant,
        coalesce(sum(orders) filter (where campaign = 1), 0) as orders_2020,
        coalesce(sum(orders) filter (where campaign = 2), 0) as orders_2021,
        case segments.segment
            when 'local_food'
                then getvariable('local_products') - getvariable('local_fresh_products')
            when 'local_fresh' then getvariable('local_fresh_products')
        end as products,
    from plan.segments as segments
    left join plan.numbers as numbers using (segment_no)
    group by all
),

set_ones as (
    select
        *,
        case
            when kind = 'local' then ceil(products / products_per_merchant::double)::bigint
            when kind = 'rooms' then getvariable('rooms')
            when kind <> 'normal' then 1
        end as set_2021,
        case
            when kind = 'local' then greatest(1, round(set_2021 / 2.9e0))::bigint
            when kind <> 'normal' then set_2021
        end as set_2020,
    from counted
),

totals as (
    select
        greatest(
            getvariable('merchants_2020'),
            sum(set_2020) filter (where kind = 'local' or orders_2020 > 0)
            + count(*) filter (where kind = 'normal')
        ) as all_2020,
        all_2020
        - coalesce(sum(set_2020) filter (where kind = 'local' or orders_2020 > 0), 0)
        - count(*) filter (where kind = 'normal') as free_2020,
        greatest(
            0,
            round(all_2020 * 2.9e0)
            - coalesce(sum(set_2021) filter (where kind = 'local' or orders_2021 > 0), 0)
            - count(*) filter (where kind = 'normal')
            - free_2020
        ) as free_2021,
        sum(orders_2020) filter (where kind = 'normal') as orders_2020,
        sum(orders_2021) filter (where kind = 'normal') as orders_2021,
    from set_ones
),

shared_out as (
    select
        segment_no,
        sum(set_ones.orders_2020) over upto / greatest(1, totals.orders_2020)
        * totals.free_2020 as upto_2020,
        sum(set_ones.orders_2021) over upto / greatest(1, totals.orders_2021)
        * totals.free_2021 as upto_2021,
    from set_ones
    cross join totals
    where kind = 'normal'
    window upto as (order by segment_no)
),

parts as (
    select
        segment_no,
        1 + round(upto_2020) - round(lag(upto_2020, 1, 0) over (order by segment_no)) as part_2020,
        round(upto_2021) - round(lag(upto_2021, 1, 0) over (order by segment_no)) as part_2021,
    from shared_out
),

sizes as (
    select
        set_ones.segment_no,
        set_ones.segment,
        set_ones.kind,
        set_ones.products_per_merchant,
        coalesce(set_ones.set_2020, parts.part_2020)::bigint as merchants_2020,
        coalesce(set_ones.set_2021, parts.part_2020 + parts.part_2021)::bigint as merchants_2021,
        case
            when set_ones.kind = 'normal' then ceil(1.06e0 * merchants_2021)::bigint
            else merchants_2021
        end as merchants,
        coalesce(set_ones.products, merchants * set_ones.products_per_merchant)::bigint as products,
    from set_ones
    left join parts using (segment_no)
)

select
    *,
    (sum(merchants) over (order by segment_no) - merchants)::bigint as merchant_base,
    (sum(products) over (order by segment_no) - products)::bigint as product_base,
from sizes
order by segment_no;

-- Merchants that have opened by a day; none opens during the campaigns.
create or replace table plan.openings as
select
    pools.segment_no,
    days.day,
    case
        when pools.kind not in ('normal', 'local') then pools.merchants
        when days.day <= date '2020-05-31' then greatest(
            1,
            floor(
                merchants_2020
                * (0.45e0 + 0.55e0 * greatest(0, (days.day - date '2020-01-01') / 151e0))
            )
        )
        when days.day <= date '2020-06-18' then merchants_2020
        when days.day <= date '2021-05-31' then floor(
            merchants_2020
            + (merchants_2021 - merchants_2020) * ((days.day - date '2020-06-18') / 347e0)
        )
        when days.day <= date '2021-06-18' then merchants_2021
        else floor(
            merchants_2021
            + (merchants - merchants_2021) * least(1, (days.day - date '2021-06-18') / 74e0)
        )
    end::bigint as merchants,
from plan.pools as pools
cross join plan.days as days
order by pools.segment_no, days.day;

-- One row per merchant with its nature; times in seconds. badness runs from 0 to 1.
create or replace table plan.merchants as
with

numbered as (
    select
        pools.segment_no,
        pools.kind,
        pools.merchant_base + nth as merchant_no,
        nth,
        pools.product_base + nth * pools.products_per_merchant as product_base,
        least(pools.products_per_merchant, pools.products - nth * pools.products_per_merchant)
            as products,
    from plan.pools as pools
    cross join lateral unnest(range(pools.merchants)) as t (nth)
),

first_days as (
    select segment_no, merchants, min(day) as first_day
    from plan.openings
    group by all
),

opened as (
    select
        numbered.*,
        segments.segment,
        segments.category_id,
        first_days.first_day,
        pow(even(0.6180339887e0, segments.segment, numbered.nth), 2) as drawn_badness,
    from numbered
    inner join plan.segments as segments using (segment_no)
    asof left join first_days
        on numbered.segment_no = first_days.segment_no and numbered.nth + 1 <= first_days.merchants
),

timed as (
    select
        *,
        coalesce(first_day, getvariable('to_date') + 1) as starts_on,
        case
            when starts_on = getvariable('from_date')
                then day_start(starts_on) - between_of(180000, 400 * 86400, 'opened', merchant_no)
            else day_start(starts_on) - between_of(90000, 8 * 86400, 'opened', merchant_no)
        end as opened,
        nth < 2 and kind = 'normal' as is_large,
    from opened
)

select
    merchant_no,
    segment_no,
    segment,
    kind,
    category_id,
    nth,
    product_base,
    products,
    starts_on,
    opened,
    case
        when kind not in ('normal', 'local') then 0.05e0
        when is_large then 0.25e0
        else drawn_badness
    end as badness,
    case
        when kind not in ('normal', 'local') then 0.3e0
        when is_large then 1.0e0
        else 0.1e0 + 1.8e0 * even(0.7548776662e0, segment, nth)
    end as return_factor,
    case
        when kind in ('durian', 'allergy', 'wine') or draw('signs', merchant_no) < 0.8
            then opened + between_of(3600, 180 * 86400, 'signed', merchant_no)
    end as signed,
    case
        when kind in ('durian', 'allergy')
            or (category_id in ('fresh', 'flowers', 'beauty') and nth % 10 <> 7)
            then opened + between_of(600, 7200, 'category right', merchant_no)
    end as category_signed,
from timed
order by merchant_no;
