-- Successful refunds by reason.
-- Grain: one row per business date of the refund, channel, reason (`none` without one) and claim
-- type.
-- For: claims.agg_refund_reasons_daily. is_impulse counts refunds whose claim was applied for no
-- later than 2 h (7,200 s) after payment.
select
    refunded_date as business_date,
    channel,
    coalesce(reason, 'none') as reason,
    claim_type,
    currency_code,
    count(distinct claim_id) as refund_count,
    count(distinct claim_id) filter (where pay_to_apply_seconds <= 7200) as impulse_refund_count,
    yuan(sum(refund_amount)) as refunded_amount,
from base.refunds
group by all
order by business_date, channel, reason, claim_type, currency_code
