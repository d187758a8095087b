{{ restate(
    by='entry_id',
    affected_by={'stg_manifest__frozen_postings': 'entry_id'},
    recompute='select entry_id from stg_manifest__frozen_postings cross join requested',
) }}
-- One row per posting of a month that is closed, as it was when the month was closed.
with
frozen_postings as (
    select * from {{ affected_rows(ref('stg_manifest__frozen_postings'), 'entry_id') }}
),

final as (
    select * exclude (close_number, _counts, _changed_seq)
    from frozen_postings
    where _counts
)

select * from final
