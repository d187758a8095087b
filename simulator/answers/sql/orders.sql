-- Orders in their final state.
-- Grain: one row per order.
-- For: core.fct_orders. Placed amount counts by created_date, paid GMV (pay_amount) by paid_date;
-- both dates are Shanghai's. paid_date is null while unpaid; a cancelled order that was paid has
-- one.
select
    order_id::varchar as order_id,
    merchant_id::varchar as merchant_id,
    currency_code,
    order_status,
    pay_type,
    province,
    city,
    yuan(order_amount) as order_amount,
    yuan(pay_amount) as pay_amount,
    yuan(freight_amount) as freight_amount,
    yuan(promotion_amount) as promotion_amount,
    created_date,
    paid_date,
    shipped_at,
    finished_at,
from base.orders
order by orders.order_id
