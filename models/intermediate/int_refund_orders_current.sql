{{ restate(
    by='refund_order_id',
    affected_by={'stg_native__refund_orders': 'refund_order_id'},
    recompute=requested_rows('stg_native__refund_orders', 'refund_order_id', 'instructed_at'),
) }}
-- One row per refund order: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__refund_orders'), 'refund_order_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('instructed_at') }} as instructed_date,
        {{ business_date('due_at') }} as due_date,
        {{ business_date('succeeded_at') }} as succeeded_date,
    from current_versions
)

select * from final
