-- Paid orders that were not refunded in full: those that make a repeated buyer.
create table base.kept_orders as
with

refunded as (
    select
        order_id,
        sum(refund_amount) as refunded,
    from base.refunds
    where order_id is not null
    group by all
)

select
    orders.order_id,
    orders.customer_id,
    orders.paid_at,
    orders.paid_date,
from base.orders
left join refunded on orders.order_id = refunded.order_id
where
    orders.paid_date is not null
    and orders.customer_id is not null
    and (refunded.order_id is null or refunded.refunded < orders.pay_amount);
