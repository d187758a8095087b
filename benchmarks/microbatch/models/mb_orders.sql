{{ config(event_time='created_at') }}
-- One row per order: its newest delivered version.
select * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from {{ source('staging', 'stg_native__orders') }}
where _counts
qualify row_number() over (
    partition by order_id order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
