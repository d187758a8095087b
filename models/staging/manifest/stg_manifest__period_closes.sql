-- One row per event of a month's close. `is_closed` says of the month what its newest close or
-- reopening says; every event of a month changes with the newest one.
select
    period_closes.period,
    period_closes.event,
    period_closes.change_seq as close_number,
    period_closes.closed_by,
    period_closes.reason,
    period_closes.is_forced,
    period_closes.posting_count,
    period_closes.posting_sha256,
    period_closes.recorded_at,
    cast(period_closes.period || '-01' as date) as month_start_date,
    arg_max(period_closes.event, period_closes.change_seq)
    filter (where period_closes.event <> 'soft_closed')
        over same_month as newest_event,
    max(period_closes.change_seq) over same_month as _changed_seq,
from {{ source('manifest', 'period_closes') }} as period_closes
window same_month as (partition by period_closes.period)
