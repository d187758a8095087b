-- Allocation to lines is exact: the refunds of a claim sum to its refunded amount; a compensation
-- has none.
{%- set models = ['fct_claims', 'fct_refunds'] %}
with
claims as (
    select * from {{ unaudited_rows(ref('fct_claims'), 'claim_id', models) }}
),

refunds as (
    select
        claim_id,
        sum(refund_amount) as refund_amount,
    from {{ unaudited_rows(ref('fct_refunds'), 'claim_id', models) }}
    group by claim_id
)

select
    claims.claim_id,
    claims.refund_amount as claim_amount,
    refunds.refund_amount as allocated_amount,
from claims
left join refunds on claims.claim_id = refunds.claim_id
where
    claims.is_refunded
    and case when claims.is_compensation is not true then claims.refund_amount end
    is distinct from refunds.refund_amount
