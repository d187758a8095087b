{{ restate(
    by='session_id',
    affected_by={'stg_native__livestream_traffic': 'session_id'},
    recompute=requested_rows('stg_native__livestream_traffic', 'session_id', 'interval_started_at'),
) }}
-- One row per livestream session and ten minutes: its newest delivered version.
with
current_versions as (
    select *
    from {{ latest_versions(
        ref('stg_native__livestream_traffic'), 'session_id, interval_started_at', unit='session_id'
    ) }}
),

final as (
    select * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank)
    from current_versions
)

select * from final
