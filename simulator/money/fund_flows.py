"""Movements on the funding accounts of merchants, platform, insurer and creators."""

from __future__ import annotations

TABLE = """
create or replace table truth.fund_flows (
    fund_flow_id bigint, merchant_id bigint, account_holder varchar, refund_order_id bigint,
    order_id bigint, after_sale_service_number varchar, direction bigint, scene bigint,
    currency_code varchar, amount bigint, flowed_at timestamp
)
"""

_INSERT = """
insert into truth.fund_flows
select
    (6000000000000000000 + hash({seed}, 'fund flow', refund_order_id, {tag})
        % 1000000000000000000)::bigint,
    merchant_id, {holder}, refund_order_id, order_id,
    'AS' || (hash({seed}, 'service', claim_id) % 1000000000000)::varchar, {direction}, {scene},
    currency_code, {amount}, {flowed_at}
from truth.refund_orders
where order_created_at {bounds} and {flowed_at} is not null and {amount} > 0 and {where}
"""

_IN, _OUT = "0", "1"
_PAID = {
    "tag": "1",
    "holder": "payer",
    "direction": _OUT,
    "scene": """case
        when payer = 'platform' then 28
        when payer = 'insurer' then 40
        when right_code = 'R1' then 27
        when is_settled then 22
        else 25
    end""",
    "amount": "refund_amount",
    "flowed_at": "succeeded_at",
    "where": "true",
}
_RETURNED = _PAID | {
    "tag": "2",
    "direction": _IN,
    "scene": "case when right_code = 'R1' then 38 else 37 end",
    "flowed_at": "returned_at",
}
_REPAID = _PAID | {
    "tag": "3",
    "holder": "'merchant'",
    "scene": "26",
    "flowed_at": "succeeded_at + to_seconds((86400 + hash(refund_order_id) % 172800)::bigint)",
    "where": "payer = 'platform' and right_code = 'R3' and returned_at is null",
}
_LEGS: tuple[dict[str, str], ...] = (
    _PAID,
    _RETURNED,
    _REPAID,
    _REPAID | {"tag": "4", "holder": "'platform'", "direction": _IN},
    _PAID
    | {
        "tag": "5",
        "holder": "'merchant'",
        "scene": "23",
        "amount": "(coalesce(platform_share_amount, 0) + coalesce(creator_share_amount, 0))",
    },
    _PAID
    | {
        "tag": "6",
        "holder": "'platform'",
        "direction": _IN,
        "scene": "23",
        "amount": "coalesce(platform_share_amount, 0)",
    },
    _PAID
    | {
        "tag": "7",
        "holder": "'creator'",
        "direction": _IN,
        "scene": "23",
        "amount": "coalesce(creator_share_amount, 0)",
    },
    _PAID | {"tag": "8", "direction": _IN, "scene": "15", "flowed_at": "recovered_at"},
    _PAID | {"tag": "9", "flowed_at": "first_paid_at"},
    _RETURNED | {"tag": "10", "amount": "back_amount", "flowed_at": "back_at"},
    _PAID | {"tag": "11", "amount": "back_amount", "flowed_at": "again_at"},
)


def statements(seed: int, bounds: str) -> list[str]:
    """Return what adds the movements of the orders that were created within bounds."""
    return [_INSERT.format(seed=seed, bounds=bounds, **leg) for leg in _LEGS]
