-- One row per delivered version of orders; superseded ones stay as before images.
select
    orders.source,
    orders.order_id,
    orders.merchant_id,
    pseudonyms.customer_key,
    orders.order_status,
    orders.pay_type,
    orders.currency_code,
    {{ minor_units('orders.order_amount') }} as order_amount,
    {{ minor_units('orders.pay_amount') }} as pay_amount,
    {{ minor_units('orders.freight_amount') }} as freight_amount,
    {{ minor_units('orders.freight_origin_amount') }} as freight_origin_amount,
    {{ minor_units('orders.freight_promotion_amount') }} as freight_promotion_amount,
    {{ minor_units('orders.promotion_amount') }} as promotion_amount,
    {{ minor_units('orders.promotion_shop_amount') }} as promotion_shop_amount,
    {{ minor_units('orders.promotion_platform_amount') }} as promotion_platform_amount,
    {{ minor_units('orders.promotion_creator_amount') }} as promotion_creator_amount,
    {{ minor_units('orders.total_promotion_amount') }} as total_promotion_amount,
    {{ minor_units('orders.shop_cost_amount') }} as shop_cost_amount,
    {{ minor_units('orders.platform_cost_amount') }} as platform_cost_amount,
    {{ minor_units('orders.platform_only_cost_amount') }} as platform_only_cost_amount,
    {{ minor_units('orders.creator_cost_amount') }} as creator_cost_amount,
    orders.province,
    orders.city,
    orders.created_at,
    orders.paid_at,
    orders.shipped_at,
    orders.finished_at,
    orders.updated_at,
    {{ lineage_columns('orders', erasable=true) }}
from {{ delivered_rows('orders') }} as orders
inner join {{ ranked_deliveries() }} as deliveries
    on orders._delivery_id = deliveries.delivery_id
left join {{ pseudonyms() }} as pseudonyms
    on orders.customer_id = pseudonyms.customer_id
