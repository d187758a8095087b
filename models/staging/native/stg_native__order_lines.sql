-- One row per delivered version of order lines; superseded ones stay as before images.
select
    order_lines.source,
    order_lines.line_id,
    order_lines.order_id,
    order_lines.product_id,
    order_lines.sku_id,
    order_lines.creator_id,
    order_lines.session_id,
    order_lines.channel,
    order_lines.item_count,
    {{ minor_units('order_lines.order_amount') }} as order_amount,
    {{ minor_units('order_lines.pay_amount') }} as pay_amount,
    order_lines.received_at,
    order_lines.updated_at,
    {{ lineage_columns('order_lines') }}
from {{ delivered_rows('order_lines') }} as order_lines
inner join {{ ranked_deliveries() }} as deliveries
    on order_lines._delivery_id = deliveries.delivery_id
