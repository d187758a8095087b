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
-- postings of a closed month are posted on: the first after the newest closed one. What lies before
-- that day is closed, whether it had anything to freeze or not.
with
period_closes as (
    select * from {{ affected_rows(ref('stg_manifest__period_closes'), 'period') }}
),

newest_closed as (
    select max(month_start_date) as month_start_date
    from period_closes
    where newest_event = 'closed'
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
        coalesce(period_closes.newest_event = 'closed', false) as is_closed,
        period_closes.month_start_date,
        case
            when is_closed then cast(newest_closed.month_start_date + interval 1 month as date)
        end as next_open_date,
        period_closes.recorded_at,
    from period_closes
    cross join newest_closed
)

select * from final
