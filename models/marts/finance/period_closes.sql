{{ restate(
    by='period',
    affected_by={'int_period_closes': 'period'},
    recompute='select period from int_period_closes cross join requested',
) }}
-- One row per event of a month's close: who closed or reopened it, when and why.
with
closes as (
    select * from {{ affected_rows(ref('int_period_closes'), 'period') }}
),

final as (
    select
        period,
        close_event,
        closed_by,
        close_reason,
        posting_sha256,
        event_number,
        posting_count,
        is_forced,
        is_closed,
        month_start_date,
        recorded_at,
    from closes
)

select * from final
