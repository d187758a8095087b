{{ restate(
    by='conversation_id',
    images=['started_date'],
    affected_by={'stg_native__service_conversations': 'conversation_id'},
    recompute=requested_rows('stg_native__service_conversations', 'conversation_id', 'started_at'),
) }}
-- One row per service conversation: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__service_conversations'), 'conversation_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('started_at') }} as started_date,
    from current_versions
)

select * from final
