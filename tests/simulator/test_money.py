"""The money trail: right on a clean history, broken exactly where it says so."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from simulator import money
from simulator.contract import entities
from simulator.parameters import BEGINNING, utc
from tests.simulator.trails import BEFORE, PARAMETERS, RATES, SHARES, history, rows

BREAKS = f"""
with
{SHARES},

paid as (
    select
        refunds.*, claims.order_id as claimed_order_id, claims.line_id, claims.right_code,
        case
            when claims.right_code = 'R3' then 'platform'
            when claims.right_code = 'R4' then 'insurer'
            else coalesce(claims.payer, 'merchant')
        end as due_payer,
        row_number() over (
            partition by refunds.claim_id order by refunds.instructed_at, refunds.refund_order_id
        ) as place,
    from final.refund_orders as refunds
    inner join final.claims as claims using (claim_id)
),

lines as (
    select
        bills.* exclude (refund_order_id),
        coalesce(shares.refund_order_id, bills.refund_order_id) as refund_order_id,
        refunds.refund_amount, refunds.claim_id, refunds.route, due.pay_channel as due_channel,
        -((bills.amount * own.fee_per_10000 + 5000) // 10000) as due_fee,
        case
            when bills.line_type = 'return' then -shares.amount
            when bills.bill_status = 'SUCCESS' then shares.amount
            when bills.bill_status = 'PROCESSING'
                and (
                    refunds.attempt_number = 1
                    or bills.transacted_at = max(bills.transacted_at) over (
                        partition by shares.refund_order_id, bills.line_type
                    )
                )
                then shares.amount
            else 0
        end as movement,
    from final.channel_bill_lines as bills
    left join shares using (bill_line_id)
    left join final.refund_orders as refunds on shares.refund_order_id = refunds.refund_order_id
    left join final.orders as orders on refunds.order_id = orders.order_id
    left join rates as due on list_contains(split(due.pay_types, ' '), orders.pay_type::varchar)
    left join rates as own on bills.pay_channel = own.pay_channel
),

orphans as (
    select 'ORPHAN_PAYOUT' as break_class, refund_order_id, null as claim_id, bill_line_id, amount
    from lines
    where claim_id is null
),

standing as (
    select
        *,
        sum(movement) over (
            partition by refund_order_id order by transacted_at, bill_line_id
        ) as standing_amount,
        movement > 0 and standing_amount - movement >= refund_amount as is_second,
    from lines
    where claim_id is not null
),

duplicates as (
    select 'DUPLICATE_PAYOUT', refund_order_id, claim_id, bill_line_id, amount
    from standing
    where is_second
    union all
    select 'DUPLICATE_PAYOUT', later.refund_order_id, later.claim_id, null, later.refund_amount
    from paid as later
    inner join paid as first using (claim_id)
    where first.place = 1 and later.place > 1 and later.route = 'small_payment'
        and first.route = 'original' and first.refund_order_status = 'succeeded'
        and later.refund_order_status = 'succeeded' and later.refund_amount = first.refund_amount
),

sums as (
    select
        line_id, claimed_order_id, arg_max(refund_order_id, instructed_at) as refund_order_id,
        arg_max(claim_id, instructed_at) as claim_id, sum(refund_amount) as refunded_amount,
    from paid
    where refund_order_status = 'succeeded' and coalesce(right_code, '') not in ('R1', 'R4')
        and refund_order_id not in (select refund_order_id from duplicates)
    group by all
),

over_refunds as (
    select 'OVER_REFUND', refund_order_id, claim_id, null, refunded_amount - pay_amount
    from sums
    inner join final.order_lines using (line_id)
    where refunded_amount > pay_amount
    union all
    select 'OVER_REFUND', refund_order_id, claim_id, null, refunded_amount - pay_amount
    from sums
    inner join final.orders on claimed_order_id = order_id
    where line_id is null and refunded_amount > pay_amount
),

missing as (
    select 'MISSING_PAYOUT', refund_order_id, claim_id, null, refund_amount
    from paid
    where refund_order_status = 'succeeded' and route <> 'offline'
        and due_at < timestamp '{BEFORE}'
        and refund_order_id not in (select refund_order_id from shares)
    union all
    select
        'MISSING_PAYOUT', failed.refund_order_id, failed.claim_id, lines.bill_line_id,
        failed.refund_amount
    from paid as failed
    inner join lines on failed.refund_order_id = lines.refund_order_id
    inner join final.claims on failed.claim_id = claims.claim_id
    where failed.refund_order_status = 'failed' and failed.succeeded_at is null
        and failed.due_at < timestamp '{BEFORE}' and claims.refund_status = 4
        and not exists (
            from paid as later
            where later.claim_id = failed.claim_id and later.refund_order_status <> 'failed'
        )
),

returned as (
    select 'FAILED_RETURNED', paid.refund_order_id, paid.claim_id, null, paid.refund_amount
    from lines
    inner join paid using (refund_order_id)
    where lines.line_type = 'return' and lines.transacted_at < timestamp '{BEFORE}'
        and not exists (
            from paid as later
            where later.claim_id = paid.claim_id and later.refund_order_status = 'succeeded'
        )
),

wrong_payers as (
    select 'WRONG_PAYER', refund_order_id, claim_id, null, refund_amount
    from paid
    where payer <> due_payer
),

wrong_accounts as (
    select 'WRONG_ACCOUNT', refund_order_id, claim_id, bill_line_id, amount
    from lines
    where pay_channel <> due_channel and route = 'original'
),

mismatches as (
    select
        'AMOUNT_MISMATCH', refund_order_id, claim_id, min(bill_line_id),
        abs(sum(movement) - refund_amount)
    from standing
    where not is_second
    group by refund_order_id, claim_id, refund_amount
    having sum(movement) not in (0, refund_amount)
),

fees as (
    select 'FEE_DIFF', refund_order_id, claim_id, bill_line_id, fee_amount - due_fee
    from lines
    where
        fee_amount <> case
            when bill_status = 'FAIL' then 0
            when line_type = 'return' then -due_fee
            else due_fee
        end
)

from orphans
union all from duplicates
union all from over_refunds
union all from missing
union all from returned
union all from wrong_payers
union all from wrong_accounts
union all from mismatches
union all from fees
order by all
"""
"""The rules of simulator/money/README.md, as a reconciliation would apply them."""


def test_a_clean_history_reconciles(clean: duckdb.DuckDBPyConnection) -> None:
    assert rows(clean, BREAKS) == []
    assert rows(clean, "from money.planted_breaks") == []


def test_a_reconciliation_finds_exactly_the_planted_breaks(
    broken: duckdb.DuckDBPyConnection,
) -> None:
    planted = rows(
        broken, "select * exclude (currency_code) from money.planted_breaks order by all"
    )
    assert rows(broken, BREAKS) == planted
    assert rows(broken, "select count(distinct break_class) from money.planted_breaks") == [(9,)]
    claims = "select count(claim_id), count(distinct claim_id) from money.planted_breaks"
    assert rows(broken, claims)[0][0] == rows(broken, claims)[0][1]


def test_refund_orders_add_up_to_their_claims(clean: duckdb.DuckDBPyConnection) -> None:
    differing = """
        select claims.claim_id
        from final.claims as claims
        left join (
            select claim_id, sum(refund_amount) as amount, max(succeeded_at) as succeeded_at
            from final.refund_orders
            where refund_order_status = 'succeeded'
            group by claim_id
        ) as refunds using (claim_id)
        where claims.refund_status in (3, 5)
            and (claims.refund_amount, claims.refunded_at)
            is distinct from (refunds.amount, refunds.succeeded_at)"""
    assert rows(clean, differing) == []
    assert rows(clean, "select count(*) > 1000 from final.refund_orders") == [(True,)]


def test_every_kind_of_normal_life_occurs(clean: duckdb.DuckDBPyConnection) -> None:
    lives = """
        select
            bool_or(attempt_number = 2), bool_or(refund_order_status = 'failed'),
            bool_or(refund_order_status = 'failed' and succeeded_at is not null),
            bool_or(route = 'small_payment'), bool_or(payer = 'platform'),
            bool_or(payer = 'insurer')
        from final.refund_orders"""
    assert rows(clean, lives) == [(True,) * 6]
    statuses = rows(clean, "select distinct bill_status from final.channel_bill_lines order by all")
    assert statuses == [("CHANGE",), ("FAIL",), ("PROCESSING",), ("SUCCESS",)]
    parts = """
        select count(*) > 0
        from final.refund_orders
        where attempt_number = 1 and refund_order_status = 'succeeded'
        group by claim_id
        having count(*) = 2"""
    assert rows(clean, parts)[0] == (True,)


def test_money_flows_out_of_the_payer_once(clean: duckdb.DuckDBPyConnection) -> None:
    differing = """
        select refunds.refund_order_id
        from final.refund_orders as refunds
        left join final.fund_flows as flows
            on refunds.refund_order_id = flows.refund_order_id
            and refunds.payer = flows.account_holder
            and flows.scene not in (15, 23, 26)
        group by all
        having coalesce(sum(if(direction = 1, amount, -amount)), 0)
            <> any_value(if(refund_order_status = 'succeeded', refund_amount, 0))"""
    assert rows(clean, differing) == []
    shares = """
        select sum(if(direction = 1, amount, -amount))
        from final.fund_flows
        where scene = 23"""
    assert rows(clean, shares) == [(0,)]
    claims = "select count(*) from final.fund_flows semi join final.claims"
    assert rows(clean, f"{claims} on after_sale_service_number = claim_id") == [(0,)]


def test_policies_cover_a_tenth_and_pay_freight_claims(clean: duckdb.DuckDBPyConnection) -> None:
    share = """
        select count(*) / (select count(*) from final.orders where paid_at is not null)
        from final.insurance_policies"""
    assert 0.07 < float(str(rows(clean, share)[0][0])) < 0.25
    differing = """
        select claim_id
        from final.claims as claims
        left join final.insurance_policies as policies using (claim_id)
        where claims.right_code = 'R4' and claims.refund_status = 3
            and policies.payout_amount is distinct from claims.refund_amount"""
    assert rows(clean, differing) == []


@pytest.mark.parametrize("entity", money.ENTITIES)
def test_states_of_two_stretches_are_the_state_of_both(
    clean: duckdb.DuckDBPyConnection, entity: str
) -> None:
    middle, end = utc(date(2021, 8, 21)), PARAMETERS.end_at
    declared = entities()[entity]
    early = money.state_sql(entity, BEGINNING, middle, None)
    late = money.state_sql(entity, middle, end, date(2021, 5, 1))
    (key,) = declared.keys
    both = f"""
        from ({early} union all {late})
        qualify row_number() over (partition by {key} order by updated_at desc) = 1"""
    whole = money.state_sql(entity, BEGINNING, end, None)
    assert rows(clean, f"from ({both}) except from ({whole})") == []
    assert rows(clean, f"select count(*) from ({both})") == rows(
        clean, f"select count(*) from ({whole})"
    )
    described = rows(clean, f"describe {whole}")
    assert {str(row[0]): str(row[1]).lower() for row in described} == declared.types


def test_the_same_seed_makes_the_same_trail(broken: duckdb.DuckDBPyConnection) -> None:
    with history(RATES, threads=1) as again:
        assert _digests(again) == _digests(broken)


def _digests(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[object, ...]]]:
    return [
        rows(connection, f"select md5(string_agg(t::varchar, '|')) from truth.{entity} as t")
        for entity in money.ENTITIES
    ]
