with parts as (
    select
        claims.* replace (
            coalesce(lines.product_id, claims.product_id) as product_id,
            coalesce(lines.category_id, 'uncategorised') as category_id,
            coalesce(lines.channel, 'unknown') as channel,
            lines.session_id as session_id,
            lines.line_id as line_id
        ),
        floor_share(claims.refund_amount, lines.pay_amount, sum(lines.pay_amount) over claim)
            as floor_amount,
        max(lines.line_id) over claim is not distinct from lines.line_id as is_last
    from refunded_claims as claims
    left join claimed_order_lines as lines on claims.order_id = lines.order_id
    where claims.line_id is null or lines.line_id is null or claims.line_id = lines.line_id
    window claim as (partition by claims.claim_id)
)

select
    claim_id || coalesce('#' || line_id, '') as refund_id,
    claim_id, line_id, order_id, product_id, category_id, merchant_id, session_id, customer_key,
    source, currency_code, channel, right_code,
    (
        floor_amount + case
            when is_last then refund_amount - sum(floor_amount) over (partition by claim_id)
            else 0
        end
    )::decimal(18, 2) as refund_amount,
    paid_date, refunded_date, refunded_at
from parts
