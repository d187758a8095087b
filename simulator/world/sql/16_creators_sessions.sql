-- One row per creator and version: followers grow month by month.
create or replace table truth.creators as
with

hosts as (
    select creator_no, min(day_start) as first_start
    from (
        select creator_no, day_start from plan.sessions
        union all
        select unnest(range(4 * sessions)), day_start from plan.session_days
    )
    group by all
),

typed as (
    select
        hosts.*,
        own.kind,
        draw('creator type', hosts.creator_no) as type_draw,
        (select 4 * max(sessions) from plan.session_days) as ordinary_creators,
    from hosts
    left join (
        select distinct creator_no, kind
        from plan.sessions
        where kind <> 'ordinary'
    ) as own using (creator_no)
),

months as (
    select
        epoch(month)::bigint - 28800 as month_start,
        row_number() over (order by month) as nth,
    from generate_series(
        date_trunc('month', getvariable('from_date')), getvariable('to_date'), interval 1 month
    ) as t (month)
),

versions as (
    select *, first_start - 86400 as since, 0 as nth
    from typed
    union all
    select
        typed.*,
        months.month_start + between_of(0, 36000, 'followers', typed.creator_no),
        months.nth,
    from typed
    inner join months on typed.first_start < months.month_start
)

select
    make_id('creator', creator_no) as creator_id,
    'creator-' || creator_no as creator_name,
    case
        when kind = 'rooms' then 'celebrity'
        when kind in ('wine', 'dounan') then 'self_run'
        when creator_no < ordinary_creators / 100 then 'celebrity'
        when type_draw < 0.35e0 then 'self_run'
        when type_draw < 0.95e0 then 'affiliate'
        else 'other'
    end as creator_type,
    case
        when kind = 'wine' then 500 + 8 * nth
        when kind = 'dounan' then 3000 + 2500 * nth
        else floor(
            case when kind = 'rooms' then 8e6 else 2e6 / (1 + creator_no) + 3000 end
            * (0.5e0 + draw('followers', creator_no))
            * pow(1.02e0 + 0.08e0 * draw('follower growth', creator_no), nth)
        )
    end::bigint as follower_count,
    at_time(since) as updated_at,
from versions
order by nth, creator_no;

-- Counts of a session follow from the orders that it can expect.
create or replace table truth.livestream_sessions as
with

viewed as (
    select
        *,
        case kind
            when 'wine' then between_of(300, 900, 'viewers', session_no)
            when 'rooms' then between_of(900000, 4000000, 'viewers', session_no)
            else 60 + floor((3 + expected_orders) * (12 + 40 * draw('viewers', session_no)))::bigint
        end as viewers,
        floor(viewers * (1.2e0 + 0.6e0 * draw('views', session_no)))::bigint as views,
        floor(views * (1.5e0 + 2 * draw('exposures', session_no)))::bigint as exposures,
    from plan.sessions
)

select
    make_id('session', session_no) as session_id,
    make_id('creator', creator_no) as creator_id,
    make_id('merchant', merchant_no) as merchant_id,
    case kind
        when 'wine' then '老客户品酒专场'
        when 'dounan' then '斗南鲜花直播'
        when 'rooms' then '618 珍藏专场 ' || (session_no % 1000)
        else 'session ' || session_no
    end as session_title,
    views as view_count,
    viewers as viewer_count,
    greatest(1, viewers // between_of(6, 14, 'peak', session_no)) as peak_online_count,
    exposures as product_exposure_count,
    floor(exposures * (0.04e0 + 0.1e0 * draw('clicks', session_no)))::bigint as product_click_count,
    floor(views * (0.02e0 + 0.1e0 * draw('comments', session_no)))::bigint as comment_count,
    floor(viewers * (0.005e0 + 0.03e0 * draw('new followers', session_no)))::bigint
        as new_follower_count,
    at_time(day_start + starts) as started_at,
    at_time(day_start + starts + lasts) as ended_at,
    kind,
    expected_orders,
    order_value,
from viewed
order by session_no;

-- Ten minutes of a session: more at its middle; the counts of its intervals sum up to its own.
create or replace table truth.livestream_traffic as
with

intervals as (
    select
        *,
        greatest(1, ceil(epoch(ended_at - started_at) / 600))::bigint as parts,
        unnest(range(greatest(1, ceil(epoch(ended_at - started_at) / 600))::bigint)) as nth,
    from truth.livestream_sessions
),

shares as (
    select
        *,
        pow(nth / parts::double, 2) * (3 - 2 * nth / parts::double) as since,
        pow((nth + 1) / parts::double, 2) * (3 - 2 * (nth + 1) / parts::double) as upto,
    from intervals
)

select
    session_id,
    started_at + to_seconds(600 * nth) as interval_started_at,
    case
        when nth = parts // 2 then peak_online_count
        else floor(
            peak_online_count * (0.3e0 + 2.6e0 * nth / parts * (1 - nth / parts::double))
        )
    end::bigint as online_count,
    (floor(view_count * upto) - floor(view_count * since))::bigint as view_count,
    (floor(product_exposure_count * upto) - floor(product_exposure_count * since))::bigint
        as product_exposure_count,
    (floor(product_click_count * upto) - floor(product_click_count * since))::bigint
        as product_click_count,
    (floor(comment_count * upto) - floor(comment_count * since))::bigint as comment_count,
    (floor(new_follower_count * upto) - floor(new_follower_count * since))::bigint
        as new_follower_count,
    least(started_at + to_seconds(600 * (nth + 1)), ended_at) as updated_at,
from shares
order by interval_started_at, session_id;
