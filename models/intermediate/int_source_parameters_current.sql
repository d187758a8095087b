{{ restate(
    by='parameter_name',
    affected_by={'stg_native__source_parameters': 'parameter_name'},
    recompute=requested_rows('stg_native__source_parameters', 'parameter_name', 'updated_at'),
) }}
-- One row per parameter of a source: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__source_parameters'), 'parameter_name') }}
),

final as (
    select * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank)
    from current_versions
)

select * from final
