-- Order lines in their final state.
-- Grain: one row per order line.
-- For: core.fct_order_lines. goods_amount is what was paid for the goods, freight_amount the share
-- of the order's freight (pro rata, rounded down, the last line by id takes the rest), pay_amount
-- both. Category, brand, flags and merchant type are those in force at pay time, at creation while
-- unpaid.
select
    line_id::varchar as line_id,
    order_id::varchar as order_id,
    lines.product_id::varchar as product_id,
    lines.category_id,
    channel,
    products.brand_name,
    merchant_type,
    currency_code,
    item_count,
    yuan(order_amount) as order_amount,
    yuan(goods_amount) as goods_amount,
    yuan(freight_share) as freight_amount,
    yuan(pay_amount) as pay_amount,
    coalesce(products.is_pseudo_product, false) as is_pseudo_product,
    created_date,
    paid_date,
    received_at,
from base.lines
left join base.products on lines.version_number = products.version_number
order by lines.line_id
