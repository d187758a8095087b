-- Sessions and rooms by tier of the session's GMV.
-- Grain: one row per tier and period: day, month (2021-06) or campaign window of the session's start.
-- For: livestream.agg_session_tiers. Tiers are nested: a session over 100 million is also over ten
-- million. A room is a creator; it counts once in each period and tier in which it has a session.
with

sold as (
    select
        session_id,
        currency_code,
        sum(pay_amount)::bigint as gmv,
    from base.lines
    where paid_date is not null and session_id is not null
    group by all
),

reached as (
    select
        sessions.session_id,
        sessions.creator_id,
        (sessions.started_at + interval 8 hour)::date as started_date,
        tiers.session_tier,
        sold.currency_code,
        sold.gmv,
    from final.livestream_sessions as sessions
    inner join sold on number(sessions.session_id) = sold.session_id
    inner join base.session_tiers as tiers
        on sold.currency_code = tiers.currency_code and sold.gmv >= tiers.minimum_gmv
),

periods as (
    select distinct
        'day' as period_kind,
        started_date::varchar as period_id,
        started_date as start_date,
        started_date as end_date,
    from reached
    union all
    select distinct
        'month',
        left(started_date::varchar, 7),
        date_trunc('month', started_date)::date,
        last_day(started_date),
    from reached
    union all
    select
        'campaign',
        campaign_id,
        start_date,
        end_date,
    from base.campaigns
)

select
    periods.period_id,
    periods.period_kind,
    periods.start_date,
    periods.end_date,
    reached.session_tier,
    reached.currency_code,
    count(distinct reached.creator_id) as room_count,
    count(*) as session_count,
    yuan(sum(reached.gmv)) as gmv_amount,
from periods
inner join reached
    on reached.started_date >= periods.start_date and reached.started_date <= periods.end_date
group by all
order by period_id, session_tier, currency_code
