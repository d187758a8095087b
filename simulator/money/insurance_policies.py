"""Policies that insure the freight of a return."""

from __future__ import annotations

TABLE = """
create or replace table truth.insurance_policies (
    policy_id bigint, order_id bigint, merchant_id bigint, claim_id bigint, payer_type bigint,
    currency_code varchar, premium_amount bigint, payout_amount bigint, insured_at timestamp,
    effective_at timestamp, claimed_at timestamp, refused_at timestamp, paid_out_at timestamp,
    lapsed_at timestamp, cancelled_at timestamp
)
"""
"""
effective_at   the goods are on their way
claimed_at     a claim under R4 is made; then `refused_at` or `paid_out_at`
lapsed_at      the return window is over, nothing was claimed
cancelled_at   the order was cancelled before shipment; the premium is given back
"""

_SHARE = 10
"""One in so many paid orders is insured, apart from those with a claim under R4."""

_CLAIMED = """
create or replace temp table freight_claims as
select
    order_id, min(applied_at) as claimed_at,
    arg_min(claim_id, applied_at) as claim_id,
    arg_min(refund_amount, applied_at) filter (where refunded_at is not null) as payout_amount,
    min(refunded_at) as paid_out_at,
    min(ended_at) filter (where refunded_at is null) as refused_at,
from truth.claims
where order_created_at {bounds} and right_code = 'R4'
group by order_id
"""

_INSERT = """
insert into truth.insurance_policies
select
    (7000000000000000000 + hash({seed}, 'policy', orders.order_id)
        % 1000000000000000000)::bigint,
    orders.order_id, orders.merchant_id, freight.claim_id,
    case when hash({seed}, 'premium', orders.order_id) % 4 = 0 then 3 else 2 end,
    orders.currency_code, (30 + hash('premium', orders.order_id) % 90)::bigint,
    freight.payout_amount, orders.paid_at + interval 1 second, orders.shipped_at,
    freight.claimed_at, case when freight.paid_out_at is null then freight.refused_at end,
    freight.paid_out_at,
    case when freight.claim_id is null then orders.finished_at + interval 7 day end,
    case when orders.shipped_at is null then orders.cancelled_at end
from truth.orders as orders
left join freight_claims as freight on orders.order_id = freight.order_id
where
    orders.created_at {bounds}
    and orders.paid_at is not null
    and (hash({seed}, 'insured', orders.order_id) % {share} = 0 or freight.claim_id is not null)
order by orders.paid_at, orders.order_id
"""


def statements(seed: int, bounds: str) -> list[str]:
    """Return what adds the policies of the orders that were created within bounds."""
    return [
        _CLAIMED.format(bounds=bounds),
        _INSERT.format(seed=seed, bounds=bounds, share=_SHARE),
    ]
