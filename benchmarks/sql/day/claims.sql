-- Claims that were made some time ago and are refunded on this day.
select
    'new-' || line_id as claim_id,
    order_id,
    line_id,
    customer_id,
    null::varchar as right_code,
    2::bigint as claim_type,
    12::bigint as claim_status,
    3::bigint as refund_status,
    'quality'::varchar as reason,
    'merchant'::varchar as payer,
    currency_code,
    pay_amount as applied_amount,
    pay_amount as refund_amount,
    false as is_exempt,
    paid_at + interval 1 hour as applied_at,
    getvariable('day') + interval 2 hour as approved_at,
    null::timestamp as return_received_at,
    getvariable('day') + interval 3 hour as refunded_at,
    getvariable('day') + interval 3 hour as ended_at,
    null::timestamp as deadline_at,
    getvariable('day') + interval 3 hour as updated_at
from newly_claimed_lines
order by claim_id
