{{ restate(
    by='reconciliation_key',
    images=['entry_id'],
    affected_by={'stg_manifest__frozen_postings': 'reconciliation_key'},
    recompute='select reconciliation_key from stg_manifest__frozen_postings cross join requested',
) }}
-- One row per posting of a month that is closed, as it was when the month was closed.
with
frozen_postings as (
    select * from {{ affected_rows(ref('stg_manifest__frozen_postings'), 'reconciliation_key') }}
),

final as (
    select * exclude (close_number, _counts, _changed_seq)
    from frozen_postings
    where _counts
)

select * from final
