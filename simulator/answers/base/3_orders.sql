-- Ids are numbers while the key is computed: all have 19 digits, so numbers sort as their texts do.
-- Orders with their business dates (Shanghai, UTC+8 all year). Amounts in fen.
create table base.orders as
select
    number(order_id) as order_id,
    number(merchant_id) as merchant_id,
    number(customer_id) as customer_id,
    currency_code,
    order_status,
    pay_type,
    province,
    city,
    order_amount,
    pay_amount,
    freight_amount,
    promotion_amount,
    created_at,
    paid_at,
    shipped_at,
    finished_at,
    (created_at + interval 8 hour)::date as created_date,
    (paid_at + interval 8 hour)::date as paid_date,
from final.orders;
