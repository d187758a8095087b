"""Refund orders: the platform's instructions to pay what a claim is due, attempt by attempt."""

from __future__ import annotations

TABLE = """
create or replace table truth.refund_orders (
    refund_order_id bigint, number bigint, claim_id bigint, order_id bigint, merchant_id bigint,
    right_code varchar, trail varchar, break_class varchar, break_variant bigint,
    pay_channel varchar, payer varchar, route varchar, channel_refund_id varchar,
    currency_code varchar, refund_amount bigint, first_line_amount bigint, back_amount bigint,
    first_attempt bigint, is_settled boolean, platform_share_amount bigint,
    creator_share_amount bigint, order_created_at timestamp, instructed_at timestamp,
    first_paid_at timestamp, back_at timestamp, again_at timestamp, failed_at timestamp,
    retried_at timestamp, succeeded_at timestamp, returned_at timestamp, recovered_at timestamp,
    due_at timestamp
)
"""
"""
A row is the complete life of one refund order number.

number                      1, 2, ... of the claim
first_attempt               its attempt_number before `retried_at`, after it one more
first_line_amount           what its first bill line pays; null when a batch with another pays it
first_paid_at               the channel paid, and all of it came back at `failed_at`
failed_at, retried_at       the channel refused it; took it again
succeeded_at, returned_at   the channel paid; the money came back
back_at, back_amount        what came back to be paid again under the same number
again_at                    when it was, if that changed nothing of the refund order itself
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
    count(*) over (partition by claims.order_id) = 1 as is_only_claim,
    count(*) over (partition by claims.order_id, amount) = 1
    and not bool_or(chance < 10 or coalesce(chosen.break_class, '') = 'OVER_REFUND') over (
        partition by claims.order_id
    ) as is_only_amount,
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
        when chance < 5 and amount >= 2 and is_only_claim then 'batched'
        when chance < 10 and amount >= 2 then 'in parts'
        when chance < 15 and seconds between 60 and 259200 then 'came back'
        when chance < 25 then 'small payment'
        when chance < 30 then 'unnumbered'
        when chance < 35 and is_only_amount then 'by amount'
        when chance between 35 and 49 and amount >= 2 and seconds >= 7200
            and {is_within_a_day} then 'line in parts'
        when chance between 50 and 57 and seconds between 7200 and 108000
            and {is_paid_as_instructed} then 'paid again'
        when chance between 58 and 65 and amount >= 2
            and {is_within_a_day} then 'part came back'
        else 'plain'
    end as trail,
from due_claims
"""
"""
`chance` draws about one claim in 200 for each trail that is not plain, as far as its times and
amount allow. Where a part alone would be a mismatch, the next line is in the same bill.
"""


def _is_one_day(first: str, last: str) -> str:
    return f"({first} + interval 8 hour)::date = ({last} + interval 8 hour)::date"


_FIRST_PAID = "instructed_at + interval 9 second"
_PAID_AGAIN_FROM = "refunded_at - interval 9 second"
_CONDITIONS = {
    "is_within_a_day": _is_one_day("instructed_at", "refunded_at"),
    "is_paid_as_instructed": f"{_is_one_day('instructed_at', _FIRST_PAID)}"
    f" and {_is_one_day(_PAID_AGAIN_FROM, 'refunded_at')}",
}

_INSERT = """
insert into truth.refund_orders
select
    (4000000000000000000 + hash({seed}, 'refund order', claim_id, {part})
        % 1000000000000000000)::bigint,
    {part}, claim_id, order_id, merchant_id, right_code, trail, break_class, break_variant,
    pay_channel, {payer}, {route}, {channel_refund_id}, currency_code, {amount},
    {first_line_amount}, {back_amount}, {attempt}, is_settled, {shares}, order_created_at,
    {instructed_at}, {first_paid_at}, {back_at}, {again_at}, {failed_at}, {retried_at},
    {succeeded_at}, {returned_at}, {recovered_at}, {instructed_at} + interval 72 hour
from trails
where {where}
"""

_WRONG_PAYER = """case when break_class = 'WRONG_PAYER' then
        case when break_variant = 0 then 'platform' else 'creator' end else payer end"""
_CHANNEL_ID = """case when not is_offline then '50' || strftime(instructed_at, '%Y%m%d')
        || lpad((hash({seed}, 'channel refund', claim_id, {part}) % 10000000000)::varchar, 10, '0')
    end"""
_NOTHING = "null::bigint, null::bigint"
_FIRST_PART = "(1 + (hash(claim_id) % (amount - 1)::ubigint)::bigint)"
_PLAIN = {
    "part": "1",
    "payer": _WRONG_PAYER,
    "route": "case when is_offline then 'offline' when trail = 'small payment'"
    " then 'small_payment' else 'original' end",
    "amount": "amount",
    "first_line_amount": f"case when trail = 'line in parts' then {_FIRST_PART} else amount end",
    "back_amount": "null",
    "attempt": "1",
    "shares": "platform_share_amount, creator_share_amount",
    "instructed_at": "instructed_at",
    "first_paid_at": "null",
    "back_at": "null",
    "again_at": "null",
    "failed_at": "null",
    "retried_at": "null",
    "succeeded_at": "refunded_at",
    "returned_at": "null",
    "recovered_at": "recovered_at",
}
_UNPAID = {"shares": _NOTHING, "succeeded_at": "null", "recovered_at": "null"}
_RETRIED = "failed_at + to_seconds(epoch(refunded_at - failed_at) // 3)"


def _after(share: float) -> str:
    return f"instructed_at + to_seconds((seconds * {share})::bigint)"


def _next_night(hour: float) -> str:
    return (
        "(refunded_at + interval 8 hour)::date - interval 8 hour + interval 1 day"
        f" + to_seconds({round(3600 * hour)} + (hash('night', {hour}, claim_id) % 7200)::bigint)"
    )


_NUMBERS: tuple[dict[str, str], ...] = (
    _PLAIN
    | {
        "where": "trail in ('plain', 'small payment', 'unnumbered', 'by amount', 'line in parts')",
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
        "where": "trail in ('in parts', 'batched')",
        "amount": _FIRST_PART,
        "first_line_amount": f"case when trail = 'in parts' then {_FIRST_PART} end",
        "shares": _NOTHING,
        "succeeded_at": f"case when trail = 'in parts' then {_after(0.9)} else refunded_at end",
    },
    _PLAIN
    | {
        "where": "trail in ('in parts', 'batched')",
        "part": "2",
        "amount": f"amount - {_FIRST_PART}",
        "first_line_amount": f"case when trail = 'in parts' then amount - {_FIRST_PART}"
        " else amount end",
        "instructed_at": _after(0.1),
    },
    _PLAIN
    | {
        "where": "trail = 'paid again'",
        "back_amount": "amount",
        "first_paid_at": _FIRST_PAID,
        "back_at": _after(0.5),
        "failed_at": _after(0.5),
        "retried_at": _PAID_AGAIN_FROM,
    },
    _PLAIN
    | {
        "where": "trail = 'part came back'",
        "back_amount": _FIRST_PART,
        "back_at": _next_night(0.5),
        "again_at": _next_night(3.5),
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
        "first_line_amount": "amount // 3",
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
    trails = _TRAILS.format(**_CONDITIONS)
    return [_CLAIMS.format(seed=seed, bounds=bounds), trails, *listed]
