{{ restate(
    by='order_id',
    affected_by={'stg_native__orders': 'order_id'},
    recompute=requested_rows('stg_native__orders', 'order_id', 'created_at'),
) }}
-- One row per order: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__orders'), 'order_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        coalesce(paid_at, created_at) as attributed_at,
        {{ business_date('created_at') }} as created_date,
        {{ business_date('paid_at') }} as paid_date,
    from current_versions
)

select * from final
{{ clustered_by('created_date') }}
