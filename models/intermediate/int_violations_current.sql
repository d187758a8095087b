{{ restate(
    by='violation_id',
    affected_by={'stg_native__violations': 'violation_id'},
    recompute=requested_rows('stg_native__violations', 'violation_id', 'violated_at'),
) }}
-- One row per violation: its newest delivered version.
with
versions as (
    select * from {{ affected_rows(ref('stg_native__violations'), 'violation_id') }}
),

current_versions as (
    select * from {{ latest_versions('versions', 'violation_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number),
        {{ business_date('violated_at') }} as violated_date,
    from current_versions
)

select * from final
