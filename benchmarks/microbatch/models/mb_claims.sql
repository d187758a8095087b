{{ config(event_time='applied_at') }}
-- One row per claim: its newest delivered version.
select * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from {{ source('staging', 'stg_native__claims') }}
where _counts
qualify row_number() over (
    partition by claim_id order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
