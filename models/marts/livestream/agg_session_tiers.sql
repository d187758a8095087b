{{ restate(
    by='period_id',
    affected_by={
        'fct_livestream_sessions':
            "select strftime(started_date, '%Y-%m-%d') from changes
            union all
            select strftime(started_date, '%Y-%m') from changes
            union all
            select campaigns.campaign_id
            from changes
            inner join dim_campaigns as campaigns
                on changes.started_date between campaigns.start_date and campaigns.end_date",
        'dim_campaigns': 'campaign_id',
        'dim_session_tiers':
            "select strftime(started_date, '%Y-%m-%d') from changes, fct_livestream_sessions
            union all
            select strftime(started_date, '%Y-%m') from changes, fct_livestream_sessions
            union all
            select campaign_id from changes, dim_campaigns",
    },
    recompute="select strftime(dates.day_at, '%Y-%m-%d')
        from requested, generate_series(from_date, to_date, interval 1 day) as dates (day_at)
        union all
        select strftime(dates.day_at, '%Y-%m')
        from requested, generate_series(from_date, to_date, interval 1 day) as dates (day_at)
        union all
        select campaigns.campaign_id
        from requested
        inner join dim_campaigns as campaigns
            on requested.from_date <= campaigns.end_date
            and requested.to_date >= campaigns.start_date",
) }}
-- One row per period (day, month, campaign window), tier and currency that a session reached. A
-- session counts in every tier that its GMV reaches, and a room once per tier in which it has a
-- session, so neither tiers nor periods add up.
with
sessions as (
    select * from {{ ref('fct_livestream_sessions') }}
),

tiers as (
    select * from {{ ref('dim_session_tiers') }}
),

campaigns as (
    select * from {{ affected_rows(ref('dim_campaigns'), 'campaign_id') }}
),

reached as (
    select
        sessions.session_id,
        sessions.creator_id,
        sessions.started_date,
        sessions.gmv_amount,
        tiers.session_tier,
        tiers.currency_code,
    from sessions
    inner join tiers
        on sessions.currency_code = tiers.currency_code
        and sessions.gmv_amount >= tiers.minimum_gmv_amount
),

in_periods as (
    select
        reached.*,
        strftime(started_date, '%Y-%m-%d') as period_id,
        'day' as period_kind,
        started_date as start_date,
        started_date as end_date,
    from reached
    union all
    select
        reached.*,
        strftime(started_date, '%Y-%m') as period_id,
        'month' as period_kind,
        cast(date_trunc('month', started_date) as date) as start_date,
        last_day(started_date) as end_date,
    from reached
    union all
    select
        reached.*,
        campaigns.campaign_id as period_id,
        'campaign' as period_kind,
        campaigns.start_date,
        campaigns.end_date,
    from reached
    inner join campaigns
        on reached.started_date >= campaigns.start_date
        and reached.started_date <= campaigns.end_date
),

final as (
    select
        period_id,
        period_kind,
        session_tier,
        currency_code,
        count(distinct creator_id) as room_count,
        count(*) as session_count,
        cast(sum(gmv_amount) as decimal(18, 2)) as gmv_amount,
        start_date,
        end_date,
    from in_periods
    group by all
)

select * from final
