-- One row per row of a cancellation: the money went back, and the goods if it is about goods.
-- Nothing says which sale it was.
select
    _row_number,
    line_id as claim_id,
    customer_id,
    case when is_pseudo_product then 1 else 0 end as claim_type,
    12 as claim_status,
    3 as refund_status,
    -pence as applied_amount,
    -pence as refund_amount,
    invoiced_at as applied_at,
    invoiced_at as refunded_at,
    invoiced_at as updated_at
from prepared
where is_refund
