{{ restate(
    by='customer_key',
    affected_by={'stg_native__customers': 'customer_key'},
    recompute=requested_rows('stg_native__customers', 'customer_key', 'updated_at'),
) }}
-- One row per customer: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__customers'), 'customer_key') }}
),

final as (
    select * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank)
    from current_versions
)

select * from final
