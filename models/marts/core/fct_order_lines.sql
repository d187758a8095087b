{{ restate(
    by='order_id',
    images=['paid_date', 'session_id'],
    affected_by={
        'int_order_lines_current': 'order_id',
        'int_orders_current': 'order_id',
        'int_products_versioned':
            governed_orders('int_products_versioned', 'product_id', 'int_order_lines_current'),
        'int_merchants_versioned':
            governed_orders('int_merchants_versioned', 'merchant_id', 'int_orders_current'),
    },
    recompute=requested_rows('int_orders_current', 'order_id', 'created_at'),
) }}
-- One row per order line whose order has arrived. A line keeps the category and the merchant
-- attributes of its pay time (of its creation while unpaid). pay_amount is the line's part of
-- the order's paid amount: its goods and its share of the freight.
with
order_lines as (
    select * from {{ affected_rows(ref('int_order_lines_current'), 'order_id') }}
),

orders as (
    select * from {{ affected_rows(ref('int_orders_current'), 'order_id') }}
),

products as (
    select * from {{ with_validity(ref('int_products_versioned'), 'product_id') }}
),

merchants as (
    select * from {{ with_validity(ref('int_merchants_versioned'), 'merchant_id') }}
),

freight_floors as (
    select
        order_lines.line_id,
        order_lines.order_id,
        orders.freight_amount,
        {{ floor_share(
            'orders.freight_amount', 'order_lines.pay_amount', 'order_lines.order_id'
        ) }} as floor_amount,
        row_number() over (
            partition by order_lines.order_id order by order_lines.line_id desc
        ) = 1 as is_last,
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    where orders.freight_amount > 0
),

freight as (
    select
        line_id,
        {{ share_with_rest('freight_amount', 'floor_amount', 'order_id', 'is_last') }}
            as freight_amount,
    from freight_floors
),

final as (
    select
        order_lines.line_id,
        order_lines.order_id,
        order_lines.product_id,
        coalesce(products.category_id, 'uncategorised') as category_id,
        order_lines.sku_id,
        orders.merchant_id,
        order_lines.creator_id,
        order_lines.session_id,
        orders.customer_key,
        orders.source,
        orders.currency_code,
        order_lines.channel,
        products.subcategory,
        products.brand_name,
        merchants.merchant_type,
        order_lines.item_count,
        order_lines.order_amount,
        order_lines.pay_amount as goods_amount,
        coalesce(freight.freight_amount, 0.00) as freight_amount,
        cast(
            order_lines.pay_amount + coalesce(freight.freight_amount, 0.00) as decimal(18, 2)
        ) as pay_amount,
        orders.paid_at is not null as is_paid,
        coalesce(products.is_pseudo_product, false) as is_pseudo_product,
        coalesce(products.is_local_speciality, false) as is_local_speciality,
        coalesce(products.is_qixi, false) as is_qixi,
        coalesce(products.is_rose, false) as is_rose,
        coalesce(products.is_china_style, false) as is_china_style,
        coalesce(products.is_domestic_brand, false) as is_domestic_brand,
        orders.created_date,
        orders.paid_date,
        orders.created_at,
        orders.paid_at,
        order_lines.received_at,
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    left join products
        on order_lines.product_id = products.product_id
        and orders.attributed_at >= products.governs_from
        and orders.attributed_at < products.governs_to
    left join merchants
        on orders.merchant_id = merchants.merchant_id
        and orders.attributed_at >= merchants.governs_from
        and orders.attributed_at < merchants.governs_to
    left join freight on order_lines.line_id = freight.line_id
)

select * from final
{{ clustered_by('paid_date') }}
