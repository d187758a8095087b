"""Refund orders: the platform's instructions to pay what a claim is due, attempt by attempt."""

from __future__ import annotations

TABLE = """
create or replace table truth.refund_orders (
    refund_order_id bigint, number bigint, claim_id bigint, order_id bigint, merchant_id bigint,
    right_code varchar, break_class varchar, break_variant bigint, pay_channel varchar,
    payer varchar, route varchar, channel_refund_id varchar, currency_code varchar,
    refund_amount bigint, first_attempt bigint, is_settled boolean,
    platform_share_amount bigint, creator_share_amount bigint, order_created_at timestamp,
    instructed_at timestamp, failed_at timestamp, retried_at timestamp, succeeded_at timestamp,
    returned_at timestamp, recovered_at timestamp, due_at timestamp
)
"""
"""
A row is the complete life of one refund order number.

number                      1, 2, ... of the claim
first_attempt               its attempt_number before `retried_at`, after it one more
failed_at, retried_at       the channel refused it; took it again
succeeded_at, returned_at   the channel paid; the money came back
recovered_at                the buyer gave it back
is_settled                  whether the merchant had been settled with when it was paid
platform_share_amount, creator_share_amount
                                  coupon shares that go back to their funders with it
"""

_CLAIMS = """
create or replace temp table due_claims as
select
    claims.claim_id, claims.order_id, claims.merchant_id,
    claims.right_code, claims.currency_code, claims.order_created_at,
    claims.instructed_at, claims.failed_at, claims.refunded_at, claims.recovered_at,
    coalesce(claims.refund_amount, claims.applied_amount) as amount,
    coalesce(pay_types.pay_channel, 'other') as pay_channel,
    pay_types.pay_channel is null as is_offline,
    case
        when claims.right_code = 'R3' then 'platform'
        when claims.right_code = 'R4' then 'insurer'
        else coalesce(claims.payer, 'merchant')
    end as payer,
    chosen.break_class, chosen.variant as break_variant,
    coalesce(orders.finished_at + interval 7 day <= claims.refunded_at, false) as is_settled,
    case when coalesce(claims.right_code, '') not in ('R1', 'R4') and orders.pay_amount > 0 then
        least(orders.promotion_platform_amount, orders.promotion_platform_amount::hugeint
            * claims.refund_amount // orders.pay_amount)::bigint
    end as platform_share_amount,
    case when coalesce(claims.right_code, '') not in ('R1', 'R4') and orders.pay_amount > 0 then
        least(orders.promotion_creator_amount, orders.promotion_creator_amount::hugeint
            * claims.refund_amount // orders.pay_amount)::bigint
    end as creator_share_amount,
    (hash({seed}, 'trail', claims.claim_id) % 1000)::bigint as chance,
    epoch(claims.refunded_at - claims.instructed_at)::bigint as seconds,
from truth.claims as claims
inner join truth.orders as orders
    on claims.order_id = orders.order_id and orders.created_at {bounds}
left join money.pay_types as pay_types on claims.pay_type = pay_types.pay_type
left join money.chosen as chosen on claims.claim_id = chosen.claim_id
where claims.order_created_at {bounds} and claims.instructed_at is not null
order by claims.instructed_at, claims.claim_id
"""

_TRAILS = """
create or replace temp table trails as
select
    *,
    case
        when refunded_at is null then 'failed'
        when failed_at is not null and chance < 500 then 'same number again'
        when failed_at is not null then 'new number'
        when break_class is not null or is_offline or coalesce(right_code, '') = 'R4' then 'plain'
        when chance < 10 and amount >= 2 then 'in parts'
        when chance < 15 and seconds >= 60 then 'came back'
        when chance < 25 then 'small payment'
        else 'plain'
    end as trail,
from due_claims
"""

_INSERT = """
insert into truth.refund_orders
select
    (4000000000000000000 + hash({seed}, 'refund order', claim_id, {part})
        % 1000000000000000000)::bigint,
    {part}, claim_id, order_id, merchant_id, right_code, break_class, break_variant, pay_channel,
    {payer}, {route}, {channel_refund_id}, currency_code, {amount}, {attempt}, is_settled,
    {shares}, order_created_at, {instructed_at}, {failed_at}, {retried_at}, {succeeded_at},
    {returned_at}, {recovered_at}, {instructed_at} + interval 72 hour
from trails
where {where}
"""

_WRONG_PAYER = """case when break_class = 'WRONG_PAYER' then
        case when break_variant = 0 then 'platform' else 'creator' end else payer end"""
_CHANNEL_ID = """case when not is_offline then '50' || strftime(instructed_at, '%Y%m%d')
        || lpad((hash({seed}, 'channel refund', claim_id, {part}) % 10000000000)::varchar, 10, '0')
    end"""
_NOTHING = "null::bigint, null::bigint"
_PLAIN = {
    "part": "1",
    "payer": _WRONG_PAYER,
    "route": "case when is_offline then 'offline' when trail = 'small payment'"
    " then 'small_payment' else 'original' end",
    "amount": "amount",
    "attempt": "1",
    "shares": "platform_share_amount, creator_share_amount",
    "instructed_at": "instructed_at",
    "failed_at": "null",
    "retried_at": "null",
    "succeeded_at": "refunded_at",
    "returned_at": "null",
    "recovered_at": "recovered_at",
}
_FIRST_PART = "(1 + (hash(claim_id) % (amount - 1)::ubigint)::bigint)"
_UNPAID = {"shares": _NOTHING, "succeeded_at": "null", "recovered_at": "null"}
_RETRIED = "failed_at + to_seconds(epoch(refunded_at - failed_at) // 3)"


def _after(share: float) -> str:
    return f"instructed_at + to_seconds((seconds * {share})::bigint)"


_NUMBERS: tuple[dict[str, str], ...] = (
    _PLAIN
    | {
        "where": "trail in ('plain', 'small payment')",
        "returned_at": "case when break_class = 'FAILED_RETURNED'"
        " then refunded_at + interval 50 hour end",
    },
    _PLAIN | _UNPAID | {"where": "trail in ('failed', 'new number')", "failed_at": "failed_at"},
    _PLAIN
    | {
        "where": "trail = 'same number again'",
        "failed_at": "failed_at",
        "retried_at": _RETRIED,
    },
    _PLAIN
    | {
        "where": "trail = 'new number'",
        "part": "2",
        "attempt": "2",
        "instructed_at": _RETRIED,
    },
    _PLAIN
    | {
        "where": "trail = 'in parts'",
        "amount": _FIRST_PART,
        "shares": _NOTHING,
        "succeeded_at": _after(0.9),
    },
    _PLAIN
    | {
        "where": "trail = 'in parts'",
        "part": "2",
        "amount": f"amount - {_FIRST_PART}",
        "instructed_at": _after(0.1),
    },
    _PLAIN
    | {
        "where": "trail = 'came back'",
        "shares": _NOTHING,
        "succeeded_at": _after(0.3),
        "returned_at": _after(0.6),
        "recovered_at": "null",
    },
    _PLAIN
    | {
        "where": "trail = 'came back'",
        "part": "2",
        "attempt": "2",
        "instructed_at": _after(0.7),
    },
    _PLAIN
    | {
        "where": "break_class = 'DUPLICATE_PAYOUT' and break_variant = 1",
        "part": "3",
        "route": "'small_payment'",
        "shares": _NOTHING,
        "instructed_at": "refunded_at + interval 26 hour",
        "succeeded_at": "refunded_at + interval 26 hour + interval 9 second",
    },
    _PLAIN
    | {
        "where": "break_class = 'OVER_REFUND'",
        "part": "3",
        "amount": "amount // 3",
        "shares": _NOTHING,
        "instructed_at": "refunded_at + interval 30 hour",
        "succeeded_at": "refunded_at + interval 30 hour + interval 9 second",
    },
)
"""Every refund order number that a claim of a trail has, as SQL over `trails`."""


def statements(seed: int, bounds: str) -> list[str]:
    """Return what adds the refund orders of the orders that were created within bounds."""
    listed = []
    for number in _NUMBERS:
        channel_id = _CHANNEL_ID.format(seed=seed, part=number["part"])
        listed.append(_INSERT.format(seed=seed, channel_refund_id=channel_id, **number))
    return [_CLAIMS.format(seed=seed, bounds=bounds), _TRAILS, *listed]
