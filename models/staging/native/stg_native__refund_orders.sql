-- One row per delivered version of refund orders; superseded ones stay as before images.
select
    refund_orders.source,
    refund_orders.refund_order_id,
    refund_orders.claim_id,
    refund_orders.order_id,
    refund_orders.attempt_number,
    refund_orders.pay_channel,
    refund_orders.payer,
    refund_orders.route,
    refund_orders.refund_order_status,
    nullif(trim(refund_orders.channel_refund_id), '') as channel_refund_id,
    refund_orders.currency_code,
    {{ minor_units('refund_orders.refund_amount') }} as refund_amount,
    refund_orders.instructed_at,
    refund_orders.due_at,
    refund_orders.succeeded_at,
    refund_orders.updated_at,
    {{ evidence_columns('refund_orders') }}
    {{ lineage_columns('refund_orders') }}
from {{ delivered_rows('refund_orders') }} as refund_orders
inner join {{ ranked_deliveries() }} as deliveries
    on refund_orders._delivery_id = deliveries.delivery_id
