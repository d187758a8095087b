-- One row per row of a cancellation: money and goods went back. Nothing says which sale it was.
select
    _row_number,
    line_id as claim_id,
    customer_id,
    0 as claim_type,
    12 as claim_status,
    3 as refund_status,
    -pence as applied_amount,
    -pence as refund_amount,
    invoiced_at as applied_at,
    invoiced_at as refunded_at,
    invoiced_at as updated_at
from prepared
where is_refund
