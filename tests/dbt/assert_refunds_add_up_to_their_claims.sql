-- Allocation to lines is exact: the refunds of a claim sum to its refunded amount.
with
refunds as (
    select
        claim_id,
        sum(refund_amount) as refund_amount,
    from {{ ref('fct_refunds') }}
    group by claim_id
)

select
    claims.claim_id,
    claims.refund_amount as claim_amount,
    refunds.refund_amount as allocated_amount,
from {{ ref('fct_claims') }} as claims
left join refunds on claims.claim_id = refunds.claim_id
where claims.is_refunded and claims.refund_amount is distinct from refunds.refund_amount
