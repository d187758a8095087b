{{ restate(
    by='line_id',
    images=['order_id'],
    affected_by={'stg_native__order_lines': 'line_id'},
    recompute=requested_rows('stg_native__order_lines', 'line_id', 'updated_at'),
) }}
-- One row per order line: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__order_lines'), 'line_id') }}
),

final as (
    select * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank)
    from current_versions
)

select * from final
{{ clustered_by('updated_at') }}
