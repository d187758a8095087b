{{ restate(
    by='complaint_id',
    images=['order_id'],
    affected_by={'stg_native__complaints': 'complaint_id'},
    recompute=requested_rows('stg_native__complaints', 'complaint_id', 'complained_at'),
) }}
-- One row per complaint: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__complaints'), 'complaint_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('complained_at') }} as complained_date,
        {{ business_date('closed_at') }} as closed_date,
    from current_versions
)

select * from final
