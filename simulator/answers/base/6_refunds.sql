-- Successful refunds of sales by claim and line. A refund of one line is that line's; one of a
-- whole order goes pro rata to the lines' paid amounts (freight included), rounded down, and the
-- last line by id takes the rest. A refund that names no sale has no line.
create table base.refunds as
with

successful as (
    select
        claim_id,
        line_id,
        refund_amount,
    from base.claims
    where is_refunded and not is_compensation
),

weighed as (
    select
        successful.claim_id,
        claim_lines.line_id,
        successful.refund_amount,
        claim_lines.line_id
        = max(claim_lines.line_id) over (partition by successful.claim_id) as is_last,
        sum(claim_lines.pay_amount) over (partition by successful.claim_id) as weight,
        case
            when is_last or weight = 0 then 0
            else successful.refund_amount::hugeint * claim_lines.pay_amount // weight
        end::bigint as rounded_share,
    from successful
    inner join base.claim_lines on successful.claim_id = claim_lines.claim_id
),

shared as (
    select
        claim_id,
        line_id,
        case
            when is_last
                then
                    refund_amount - sum(rounded_share) over (partition by claim_id)
            else rounded_share
        end::bigint as refund_amount,
    from weighed
)

select
    claims.claim_id,
    shared.line_id,
    claims.order_id,
    claims.currency_code,
    claims.right_code,
    claims.claim_type,
    claims.reason,
    lines.product_id,
    lines.merchant_id,
    lines.creator_id,
    lines.session_id,
    lines.customer_id,
    coalesce(lines.channel, 'unknown') as channel,
    coalesce(lines.category_id, 'uncategorised') as category_id,
    coalesce(shared.refund_amount, claims.refund_amount) as refund_amount,
    claims.paid_date,
    claims.refunded_date,
    claims.refunded_at,
    date_sub('second', claims.paid_at, claims.applied_at) as pay_to_apply_seconds,
from base.claims
left join shared on claims.claim_id = shared.claim_id
left join base.lines on shared.line_id = lines.line_id
where claims.is_refunded and not claims.is_compensation;
