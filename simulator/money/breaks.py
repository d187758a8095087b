"""Which claims carry a break in their money trail; README.md has the rule of each class."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import duckdb

from simulator.parameters import Parameters

CLASSES = {
    "FEE_DIFF": "fee_amount >= 2",
    "OVER_REFUND": "refund_amount = paid_amount",
    "WRONG_PAYER": "payer = 'merchant'",
    "AMOUNT_MISMATCH": "refund_amount >= 100",
    "MISSING_PAYOUT": "true",
    "DUPLICATE_PAYOUT": "true",
    "ORPHAN_PAYOUT": "true",
    "WRONG_ACCOUNT": "true",
    "FAILED_RETURNED": "true",
}
"""Which claims can carry each class; the hardest to please come first."""
AT_LEAST = 2
"""Breaks of each class that is planted at all, one of each variant."""
SETTLED = timedelta(days=12)
"""A claim with a break was refunded so long before the end that nothing of it is under way."""
_SPARE = 40

_CANDIDATES = """
create or replace temp table candidates as
select
    claims.claim_id, claims.refund_amount, claims.paid_amount, claims.payer,
    (claims.refund_amount * channels.fee_per_10000 + 5000) // 10000 as fee_amount,
    hash($seed, 'break', claims.claim_id) as chance,
from truth.claims as claims
inner join money.pay_types as pay_types on claims.pay_type = pay_types.pay_type
inner join money.channels as channels on pay_types.pay_channel = channels.pay_channel
where
    claims.refunded_at < $before
    and claims.failed_at is null
    and claims.recovered_at is null
    and claims.refund_amount >= 3
    and coalesce(claims.right_code, '') not in ('R1', 'R3', 'R4')
    and (claims.instructed_at + interval 8 hour)::date
    = (claims.refunded_at + interval 8 hour)::date
    and claims.claim_id not in (select claim_id from truth.cases)
order by chance, claims.claim_id
limit $limit
"""

_GIVEN_UP = """
update truth.claims
set failed_at = refunded_at, refunded_at = null, refund_amount = null, ended_at = null
where
    claim_id in (
        select claim_id from money.chosen where break_class = 'MISSING_PAYOUT' and variant = 1
    )
"""
"""
The channel refused the refund, and nobody tried again.
"""


def choose(
    connection: duckdb.DuckDBPyConnection, parameters: Parameters, rates: Mapping[str, float]
) -> None:
    """Make `money.chosen`: claim, class and variant (0 or 1) of every break to plant.

    Args:
        connection: Holds `truth.claims` and `truth.cases`.
        parameters: Of the history.
        rates: Share of the refunded claims that carry a break, by class; 0 or absent for none.
    """
    connection.execute(
        "create table money.chosen (claim_id bigint, break_class varchar, variant bigint)"
    )
    if not any(rates.values()):
        return
    before = parameters.end_at - SETTLED
    row = connection.execute(
        "select count(*) from truth.claims where refunded_at < $1", [before]
    ).fetchone()
    refunded = row[0] if row else 0
    counts = {
        name: max(AT_LEAST, round(rates[name] * refunded)) if rates.get(name) else 0
        for name in CLASSES
    }
    limit = max(counts.values()) * len(CLASSES) * _SPARE
    connection.execute(_CANDIDATES, {"seed": parameters.seed, "before": before, "limit": limit})
    for name, fits in CLASSES.items():
        connection.execute(
            f"insert into money.chosen select claim_id, '{name}',"
            " row_number() over (order by chance, claim_id) % 2"
            f" from candidates where {fits} and claim_id not in (select claim_id from money.chosen)"
            f" order by chance, claim_id limit {counts[name]}"
        )
    connection.execute(_GIVEN_UP)


def record(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `money.planted_breaks` from what the trail really shows.

    Columns: break_class, refund_order_id, claim_id, bill_line_id, break_amount, currency_code.
    """
    connection.execute(
        """
        create or replace table money.planted_breaks as
        select
            break_class, refund_order_id::varchar as refund_order_id,
            claim_id::varchar as claim_id, bill_line_id::varchar as bill_line_id,
            break_amount, currency_code,
        from (
            select
                break_class, refund_order_id, claim_id, null::bigint as bill_line_id,
                refund_amount as break_amount, currency_code,
            from truth.refund_orders
            where
                break_class in ('WRONG_PAYER', 'FAILED_RETURNED')
                or break_class = 'MISSING_PAYOUT'
                and trail <> 'failed'
                or break_class in ('DUPLICATE_PAYOUT', 'OVER_REFUND')
                and number > 1
            union all
            select
                break_class, refund_order_id,
                case when break_class <> 'ORPHAN_PAYOUT' then claim_id end, bill_line_id,
                break_amount, currency_code,
            from truth.channel_bill_lines
            where break_amount > 0
        )
        order by all"""
    )
