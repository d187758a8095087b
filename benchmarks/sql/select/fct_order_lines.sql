with products as (
    select
        *,
        case
            when lag(valid_from) over product_versions is null then timestamp '1970-01-01'
            else valid_from
        end as governs_from,
        coalesce(lead(valid_from) over product_versions, timestamp '9999-12-31') as governs_to
    from warehouse.intermediate.int_products_versioned
    window product_versions as (partition by product_id order by valid_from)
),

merchants as (
    select
        *,
        case
            when lag(valid_from) over merchant_versions is null then timestamp '1970-01-01'
            else valid_from
        end as governs_from,
        coalesce(lead(valid_from) over merchant_versions, timestamp '9999-12-31') as governs_to
    from warehouse.intermediate.int_merchants_versioned
    window merchant_versions as (partition by merchant_id order by valid_from)
),

with_freight as (
    select
        line_id,
        freight_amount as order_freight_amount,
        floor_share(freight_amount, order_lines.pay_amount, sum(order_lines.pay_amount) over lines)
            as floor_amount,
        max(line_id) over lines = line_id as is_last,
        order_id
    from order_lines
    inner join orders using (order_id)
    where freight_amount > 0
    window lines as (partition by order_id)
),

freight as (
    select
        line_id,
        floor_amount + case
            when is_last
                then order_freight_amount - sum(floor_amount) over (partition by order_id)
            else 0
        end as freight_amount
    from with_freight
)

select
    order_lines.line_id, order_lines.order_id, order_lines.product_id,
    coalesce(products.category_id, 'uncategorised') as category_id,
    order_lines.sku_id, orders.merchant_id, order_lines.creator_id, order_lines.session_id,
    orders.customer_key, orders.source, orders.currency_code, order_lines.channel,
    products.brand_name, merchants.merchant_type, order_lines.item_count,
    order_lines.order_amount,
    order_lines.pay_amount as goods_amount,
    coalesce(freight.freight_amount, 0)::decimal(18, 2) as freight_amount,
    (order_lines.pay_amount + coalesce(freight.freight_amount, 0))::decimal(18, 2) as pay_amount,
    orders.paid_at is not null as is_paid,
    coalesce(products.is_pseudo_product, false) as is_pseudo_product,
    orders.created_date, orders.paid_date, orders.created_at, orders.paid_at,
    order_lines.received_at
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
