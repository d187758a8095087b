-- Successful refunds (refund_status 3) of sales by order line.
-- Grain: one row per claim and order line; line_id is null for a refund that names no sale.
-- For: core.fct_refunds. The refund of a whole order is allocated pro rata to the paid amounts of
-- its lines (freight included), rounded down; the last line by id takes the rest. paid_date gives
-- the cohort view, refunded_date the cash view. is_impulse: applied for within 2 h of payment.
select
    claim_id::varchar as claim_id,
    line_id::varchar as line_id,
    order_id::varchar as order_id,
    creator_id::varchar as creator_id,
    currency_code,
    channel,
    category_id,
    right_code,
    reason,
    claim_type,
    yuan(refund_amount) as refund_amount,
    coalesce(pay_to_apply_seconds <= 7200, false) as is_impulse,
    paid_date,
    refunded_date,
from base.refunds
order by refunds.claim_id, refunds.line_id
