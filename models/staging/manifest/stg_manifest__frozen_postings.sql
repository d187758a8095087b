-- One row per posting that a close has frozen. It counts while no later close or reopening of its
-- month is known.
with
newest as (
    select
        period,
        arg_max(event, change_seq) as close_event,
        max(change_seq) as change_seq,
    from {{ source('manifest', 'period_closes') }}
    where event <> 'soft_closed'
    group by period
),

final as (
    select
        frozen_postings.* exclude (frozen_postings.change_seq),
        frozen_postings.change_seq as close_number,
        newest.close_event = 'closed' and newest.change_seq = frozen_postings.change_seq
            as _counts,
        newest.change_seq as _changed_seq,
    from {{ source('manifest', 'frozen_postings') }} as frozen_postings
    inner join newest on frozen_postings.period = newest.period
)

select * from final
