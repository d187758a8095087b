-- After-sale claims, judged by the rule of their right that was in force when the order was paid.
-- Grain: one row per claim.
-- For: core.fct_claims. The window runs from the right's anchor and includes its last second; a
-- claim about a whole order counts as received when the last of its lines is, and is in scope when
-- any is. is_eligible is null without a right or while the window's anchor is unknown, unless that is
-- the shipment. is_served:
-- under a right, and refunded (refund_status 3) or successfully exchanged, resent or repaired.
-- served_date is the day of the refund, else of the end. refund_amount and refunded_date are null
-- unless the refund succeeded. Times are whole seconds. is_enrolled: the merchant took part in the
-- right when the order was paid; null without a right or a payment. is_disputed: there is a dispute
-- about it. is_impulse: applied for within 2 h of payment. is_inside_deadline: approved within the
-- response hours of the right's rule; null while not approved, or without such hours. is_compensation:
-- under a right that includes no refund, and no goods came back (type 0): what it pays is no refund of
-- the sale.
select
    claim_id::varchar as claim_id,
    order_id::varchar as order_id,
    line_id::varchar as line_id,
    case when line_id is not null then category_id end as line_category_id,
    case when line_id is not null then channel end as line_channel,
    currency_code,
    right_code,
    claim_type,
    claim_status,
    refund_status,
    reason,
    yuan(applied_amount) as applied_amount,
    case when is_refunded then yuan(refund_amount) end as refund_amount,
    is_refunded,
    is_compensation,
    is_refused,
    is_failed,
    is_disputed,
    coalesce(is_exempt, false) as is_exempt,
    coalesce(is_quality_reason, false) as is_quality_reason,
    is_impulse,
    is_enrolled,
    is_inside_deadline,
    is_served,
    is_inside_window,
    is_eligible,
    pay_to_apply_seconds,
    apply_to_approve_seconds,
    approve_to_refund_seconds,
    apply_to_refund_seconds,
    return_to_refund_seconds,
    apply_to_end_seconds,
    paid_date,
    applied_date,
    approved_date,
    ended_date,
    refunded_date,
    served_date,
    window_ends_at,
from base.claims
order by claims.claim_id
