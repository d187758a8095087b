-- Lines whose order is there, with their share of the freight, and the category and merchant
-- attributes in force at pay time (at creation while unpaid). Amounts in fen.
-- Freight goes pro rata to the lines' goods amounts, rounded down; the last line by id takes the
-- rest, and everything if all goods amounts are zero.
create table base.order_goods as
select
    number(lines.order_id) as order_id,
    sum(lines.pay_amount)::bigint as goods,
    max(number(lines.line_id)) as last_line_id,
    count(*) as line_count,
from final.order_lines as lines
group by number(lines.order_id);

-- What the lines before the last one take, of orders that have freight and several lines.
create table base.order_shares as
select
    orders.order_id,
    sum(orders.freight_amount::hugeint * lines.pay_amount // order_goods.goods)::bigint as shared,
from final.order_lines as lines
inner join base.order_goods on number(lines.order_id) = order_goods.order_id
inner join base.orders on order_goods.order_id = orders.order_id
where
    order_goods.line_count > 1
    and order_goods.goods > 0
    and orders.freight_amount > 0
    and number(lines.line_id) <> order_goods.last_line_id
group by orders.order_id;

create table base.lines as
select
    number(lines.line_id) as line_id,
    orders.order_id,
    number(lines.product_id) as product_id,
    number(lines.creator_id) as creator_id,
    number(lines.session_id) as session_id,
    orders.merchant_id,
    orders.customer_id,
    orders.currency_code,
    orders.created_date,
    orders.paid_date,
    orders.paid_at,
    lines.received_at,
    lines.channel,
    coalesce(products.category_id, 'uncategorised') as category_id,
    products.version_number,
    merchants.merchant_type,
    lines.item_count,
    lines.order_amount,
    lines.pay_amount as goods_amount,
    case
        when number(lines.line_id) = order_goods.last_line_id
            then orders.freight_amount - coalesce(order_shares.shared, 0)
        when order_goods.goods = 0 then 0
        else (orders.freight_amount::hugeint * lines.pay_amount // order_goods.goods)::bigint
    end as freight_share,
    lines.pay_amount + freight_share as pay_amount,
from final.order_lines as lines
inner join base.orders on number(lines.order_id) = orders.order_id
inner join base.order_goods on orders.order_id = order_goods.order_id
left join base.order_shares on orders.order_id = order_shares.order_id
left join base.products
    on number(lines.product_id) = products.product_id
    and coalesce(orders.paid_at, orders.created_at) >= products.governs_from
    and coalesce(orders.paid_at, orders.created_at) < products.governs_until
left join base.merchants
    on orders.merchant_id = merchants.merchant_id
    and coalesce(orders.paid_at, orders.created_at) >= merchants.governs_from
    and coalesce(orders.paid_at, orders.created_at) < merchants.governs_until;

drop table base.order_goods;
drop table base.order_shares;
