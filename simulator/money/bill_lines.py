"""Lines of the payment channels' daily bills: refunds as they were initiated, and returns."""

from __future__ import annotations

TABLE = """
create or replace table truth.channel_bill_lines (
    bill_line_id bigint, pay_channel varchar, account_id varchar, line_type varchar,
    refund_order_id bigint, channel_refund_id varchar, order_id bigint, bill_status varchar,
    currency_code varchar, amount bigint, fee_amount bigint, bill_date date,
    transacted_at timestamp, ready_at timestamp, claim_id bigint, paid_refund_order_id bigint,
    break_class varchar, break_amount bigint
)
"""
"""
A line is never updated: it is there from `ready_at`, 10:00 in Shanghai on the day after its bill.
`break_amount` is above 0 on the line that shows a break. `paid_refund_order_id` is the refund order
that it really pays or gives back, whatever it names; null for a batch, and where there is none.
"""

_INSERT = """
insert into truth.channel_bill_lines
with lines as (
    select
        *,
        {amount} as amount,
        {initiated_at} as initiated_at,
        case
            when break_class = 'WRONG_ACCOUNT' and refunds.pay_channel = 'wechat' then 'alipay'
            when break_class = 'WRONG_ACCOUNT' then 'wechat'
            else refunds.pay_channel
        end as bill_channel,
    from truth.refund_orders as refunds
    where order_created_at {bounds} and route <> 'offline' and ({where})
),
dated as (
    select
        lines.*, channels.account_id,
        (initiated_at + interval 8 hour)::date as bill_date,
        -((lines.amount * channels.fee_per_10000 + 5000) // 10000) as full_fee_amount,
    from lines
    inner join money.channels as channels on lines.bill_channel = channels.pay_channel
)
select
    (5000000000000000000 + hash({seed}, 'bill line', refund_order_id, {tag})
        % 1000000000000000000)::bigint,
    bill_channel, account_id, {line_type}, {refund_order_id}, {channel_refund_id}, {order_id},
    {status}, currency_code, amount, {fee_amount}, bill_date, initiated_at,
    bill_date + interval 26 hour, claim_id, {paid_refund_order_id}, break_class, {break_amount}
from dated
order by initiated_at, refund_order_id
"""
"""
The sort makes up for the joins, which keep no order.
"""

_STATUS = """case
        when ({paid_at} + interval 8 hour)::date = bill_date then 'SUCCESS'
        when ({failed_at} + interval 8 hour)::date = bill_date then 'FAIL'
        else 'PROCESSING'
    end"""
_FIRST_STATUS = _STATUS.format(
    paid_at="case when retried_at is null then succeeded_at else first_paid_at end",
    failed_at="failed_at",
)
_LATER_STATUS = _STATUS.format(paid_at="succeeded_at", failed_at="null::timestamp")
_MISMATCH = "greatest(1, refund_amount // 20)"

_REFUND = {
    "tag": "1",
    "where": "(break_class is distinct from 'MISSING_PAYOUT' or trail = 'failed')"
    " and first_line_amount is not null",
    "initiated_at": "instructed_at",
    "line_type": "'refund'",
    "status": _FIRST_STATUS,
    "amount": f"""first_line_amount + case
            when break_class is distinct from 'AMOUNT_MISMATCH' then 0
            when break_variant = 0 then {_MISMATCH} else -{_MISMATCH}
        end""",
    "fee_amount": f"""case
        when break_class = 'FEE_DIFF' or {_FIRST_STATUS} = 'FAIL' then 0 else full_fee_amount
    end""",
    "refund_order_id": "case when trail not in ('unnumbered', 'by amount', 'batched')"
    " then refund_order_id end",
    "channel_refund_id": "case when trail not in ('by amount', 'batched')"
    " then channel_refund_id end",
    "order_id": "case when trail <> 'unnumbered' then order_id end",
    "paid_refund_order_id": "case when trail <> 'batched' then refund_order_id end",
    "break_amount": f"""case break_class
        when 'MISSING_PAYOUT' then refund_amount
        when 'AMOUNT_MISMATCH' then {_MISMATCH}
        when 'WRONG_ACCOUNT' then refund_amount
        when 'FEE_DIFF' then -full_fee_amount
        else 0
    end""",
}
_LINES: tuple[dict[str, str], ...] = (
    _REFUND,
    _REFUND
    | {
        "tag": "2",
        "where": "retried_at is not null",
        "initiated_at": "retried_at",
        "status": _LATER_STATUS,
        "fee_amount": "full_fee_amount",
    },
    _REFUND
    | {
        "tag": "3",
        "where": "returned_at is not null",
        "initiated_at": "returned_at",
        "line_type": "'return'",
        "status": "'CHANGE'",
        "fee_amount": "-full_fee_amount",
    },
    _REFUND
    | {
        "tag": "4",
        "where": "break_class = 'DUPLICATE_PAYOUT' and break_variant = 0",
        "initiated_at": "succeeded_at + interval 5 hour",
        "status": "'SUCCESS'",
        "break_amount": "refund_amount",
    },
    _REFUND
    | {
        "tag": "5",
        "where": "break_class = 'ORPHAN_PAYOUT'",
        "initiated_at": "succeeded_at + interval 20 hour",
        "status": "'SUCCESS'",
        "refund_order_id": "(4000000000000000000 + hash('nobody', refund_order_id)"
        " % 1000000000000000000)::bigint",
        "channel_refund_id": "'51' || reverse(channel_refund_id)",
        "order_id": "null",
        "paid_refund_order_id": "null",
        "break_amount": "refund_amount",
    },
    _REFUND
    | {
        "tag": "6",
        "where": "trail = 'line in parts'",
        "initiated_at": "succeeded_at",
        "status": "'SUCCESS'",
        "amount": "refund_amount - first_line_amount",
    },
    _REFUND
    | {
        "tag": "7",
        "where": "back_at is not null",
        "initiated_at": "back_at",
        "line_type": "'return'",
        "status": "'CHANGE'",
        "amount": "back_amount",
        "fee_amount": "-full_fee_amount",
    },
    _REFUND
    | {
        "tag": "8",
        "where": "again_at is not null",
        "initiated_at": "again_at",
        "status": "'SUCCESS'",
        "amount": "back_amount",
    },
)

SHARES = """
create or replace view money.line_shares as
select
    bill_line_id::varchar as bill_line_id, paid_refund_order_id::varchar as refund_order_id,
    amount,
from truth.channel_bill_lines
where paid_refund_order_id is not null
union all
select
    lines.bill_line_id::varchar, refunds.refund_order_id::varchar, refunds.refund_amount,
from truth.refund_orders as refunds
inner join truth.channel_bill_lines as lines on refunds.claim_id = lines.claim_id
where refunds.trail = 'batched'
"""
"""Which refund orders a line pays or gives back, each with which amount; an orphan has none."""


def statements(seed: int, bounds: str) -> list[str]:
    """Return what adds the lines of the orders that were created within bounds."""
    return [_INSERT.format(seed=seed, bounds=bounds, **line) for line in _LINES]
