{{ restate(
    by='period',
    images=['month_start_date'],
    affected_by={
        'stg_manifest__period_closes':
            'select closes.period from changes cross join stg_manifest__period_closes as closes',
    },
    recompute='select period from stg_manifest__period_closes cross join requested',
) }}
-- One row per event of a month's close, with whether the month is closed now, and which day late
-- postings of a closed month are posted on: the first of the next open one.
with
period_closes as (
    select * from {{ affected_rows(ref('stg_manifest__period_closes'), 'period') }}
),

closed_months as (
    select distinct month_start_date
    from period_closes
    where newest_event = 'closed'
),

next_open_months as (
    select
        closed_months.month_start_date,
        cast(min(followers.month_start_date) + interval 1 month as date) as next_open_date,
    from closed_months
    inner join closed_months as followers
        on closed_months.month_start_date <= followers.month_start_date
    where
        followers.month_start_date + interval 1 month
        not in (select months.month_start_date from closed_months as months)
    group by closed_months.month_start_date
),

final as (
    select
        period_closes.period,
        row_number() over (
            partition by period_closes.period order by period_closes.close_number
        ) as event_number,
        period_closes.event as close_event,
        period_closes.closed_by,
        period_closes.reason as close_reason,
        period_closes.posting_count,
        period_closes.posting_sha256,
        period_closes.is_forced,
        next_open_months.month_start_date is not null as is_closed,
        period_closes.month_start_date,
        next_open_months.next_open_date,
        period_closes.recorded_at,
    from period_closes
    left join next_open_months
        on period_closes.month_start_date = next_open_months.month_start_date
)

select * from final
