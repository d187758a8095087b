{{ restate(
    by='violation_id',
    images=['violated_date'],
    affected_by={'stg_native__violations': 'violation_id'},
    recompute=requested_rows('stg_native__violations', 'violation_id', 'violated_at'),
) }}
-- One row per violation: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__violations'), 'violation_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('violated_at') }} as violated_date,
    from current_versions
)

select * from final
