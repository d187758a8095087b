select
    order_id, merchant_id, customer_key, source, currency_code, province, city, order_status,
    pay_type, order_amount, pay_amount, freight_amount, promotion_amount,
    paid_at is not null as is_paid,
    created_date, paid_date, created_at, paid_at, shipped_at, finished_at
from orders
