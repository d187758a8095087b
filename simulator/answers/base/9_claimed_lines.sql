-- What became of the paid lines that were refunded, or claimed for a quality reason within 14 days of
-- payment, later withdrawn or not; a claim about a whole order is about each of its lines. Returned:
-- a successful refund of claim type 0 (the goods came back), in the currency of the line.
create table base.claimed_lines as
with

refunded as (
    select
        line_id,
        currency_code,
        bool_or(claim_type = 0) as is_returned,
        bool_or(claim_type = 2) as is_refunded_before_shipment,
        bool_or(pay_to_apply_seconds <= 7200) as is_impulse,
        sum(refund_amount)::bigint as refunded,
        coalesce(sum(refund_amount) filter (where claim_type = 0), 0)::bigint as returned,
    from base.refunds
    where line_id is not null
    group by all
),

quality as (
    select distinct claim_lines.line_id
    from base.claims
    inner join base.claim_lines on claims.claim_id = claim_lines.claim_id
    where claims.is_quality_reason and claims.applied_at <= claims.paid_at + interval 14 day
)

select
    lines.line_id,
    refunded.line_id is not null as is_refunded,
    coalesce(refunded.is_returned, false) as is_returned,
    coalesce(refunded.is_refunded_before_shipment, false) as is_refunded_before_shipment,
    coalesce(refunded.is_impulse, false) as is_impulse,
    quality.line_id is not null as is_quality_return,
    coalesce(refunded.refunded, 0) as refunded,
    coalesce(refunded.returned, 0) as returned,
from base.lines
left join refunded
    on lines.line_id = refunded.line_id and lines.currency_code = refunded.currency_code
left join quality on lines.line_id = quality.line_id
where
    lines.paid_date is not null
    and (refunded.line_id is not null or quality.line_id is not null);

drop table base.claim_lines;
