{{ restate(
    by='shipment_id',
    images=['order_id', 'pickup_due_date', 'delivery_due_date'],
    affected_by={'stg_native__shipments': 'shipment_id'},
    recompute=requested_rows('stg_native__shipments', 'shipment_id', 'updated_at'),
) }}
-- One row per shipment: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__shipments'), 'shipment_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('pickup_due_at') }} as pickup_due_date,
        {{ business_date('picked_up_at') }} as picked_up_date,
        {{ business_date('delivery_due_at') }} as delivery_due_date,
        {{ business_date('delivered_at') }} as delivered_date,
    from current_versions
)

select * from final
