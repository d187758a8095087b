-- One row per row of an invoice that is no cancellation. A negative quantity without a
-- cancellation writes off stock at no price: nothing is sold.
select
    _row_number,
    line_id,
    invoice_id as order_id,
    stock_code as product_id,
    'unknown' as channel,
    cast(greatest(quantity, 0) as bigint) as item_count,
    pence as order_amount,
    pence as pay_amount,
    invoiced_at as updated_at
from prepared
where not is_refund
