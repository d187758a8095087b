-- One row per delivered version of shipments; superseded ones stay as before images.
select
    shipments.source,
    shipments.shipment_id,
    shipments.order_id,
    shipments.carrier_name,
    shipments.pickup_due_at,
    shipments.picked_up_at,
    shipments.delivery_due_at,
    shipments.delivered_at,
    shipments.updated_at,
    {{ lineage_columns('shipments') }}
from {{ delivered_rows('shipments') }} as shipments
inner join {{ ranked_deliveries() }} as deliveries
    on shipments._delivery_id = deliveries.delivery_id
