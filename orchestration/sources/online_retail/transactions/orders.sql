-- One row per invoice that is no cancellation. It is paid when it is written; the few invoices
-- with two times begin at the first one. What it costs is the sum of its lines' pence. One that
-- only writes off stock sells nothing: it was never paid.
select
    min(_row_number) as _row_number,
    invoice_id as order_id,
    'shop' as merchant_id,
    min(customer_id) as customer_id,
    case when max(quantity) > 0 then 5 else 4 end as order_status,
    cast(sum(pence) as bigint) as order_amount,
    cast(sum(pence) as bigint) as pay_amount,
    0 as freight_amount,
    min(invoiced_at) as created_at,
    case when max(quantity) > 0 then min(invoiced_at) end as paid_at,
    max(invoiced_at) as updated_at
from prepared
where not is_refund
group by invoice_id
