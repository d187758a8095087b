"""Refunds that are hard to match with the lines that pay them."""

from __future__ import annotations

import duckdb
import pytest

from tests.simulator.trails import BEFORE, SHARES, rows

LIVES = f"""
with

trails as (
    select claim_id::varchar as claim_id, any_value(trail) as trail
    from truth.refund_orders
    group by claim_id
    having max(coalesce(again_at, succeeded_at)) < timestamp '{BEFORE}'
),

refunds as (
    select claim_id, list(orders order by instructed_at) as refunds
    from final.refund_orders as orders
    group by claim_id
),

lines as (
    select claim_id, list(bills order by transacted_at) as lines
    from final.channel_bill_lines as bills
    inner join (
        select distinct claim_id, bill_line_id
        from money.line_shares
        inner join final.refund_orders using (refund_order_id)
    ) as shares using (bill_line_id)
    group by claim_id
),

flows as (
    select claim_id, list([amount, if(direction = 1, 1, -1)] order by flowed_at) as flows
    from final.fund_flows as flows
    inner join final.refund_orders as refunds
        on flows.refund_order_id = refunds.refund_order_id
        and flows.account_holder = refunds.payer
    where scene in (22, 25, 27, 28, 37, 38)
    group by claim_id
)

from trails inner join refunds using (claim_id) inner join lines using (claim_id)
inner join flows using (claim_id)
"""
"""Claims with all that was done for them, in order of time."""

SHAPES = {
    "unnumbered": """
        len(refunds) = 1 and len(lines) = 1
        and lines[1].refund_order_id is null and lines[1].order_id is null
        and lines[1].channel_refund_id = refunds[1].channel_refund_id
        and lines[1].amount = refunds[1].refund_amount""",
    "by amount": """
        len(refunds) = 1 and len(lines) = 1
        and lines[1].refund_order_id is null and lines[1].channel_refund_id is null
        and lines[1].order_id = refunds[1].order_id
        and lines[1].amount = refunds[1].refund_amount
        and (
            select count(*) from final.refund_orders as others
            where others.order_id = refunds[1].order_id
                and others.refund_amount = refunds[1].refund_amount
        ) = 1""",
    "batched": """
        len(refunds) = 2 and len(lines) = 1
        and lines[1].refund_order_id is null and lines[1].channel_refund_id is null
        and lines[1].order_id = refunds[1].order_id
        and lines[1].amount = refunds[1].refund_amount + refunds[2].refund_amount
        and lines[1].transacted_at >= refunds[2].instructed_at
        and (
            select count(*) from final.refund_orders as others
            where others.order_id = refunds[1].order_id
        ) = 2""",
    "line in parts": """
        len(refunds) = 1 and len(lines) = 2
        and list_distinct([line.refund_order_id for line in lines]) = [refunds[1].refund_order_id]
        and [line.bill_status for line in lines] = ['SUCCESS', 'SUCCESS']
        and lines[1].amount > 0 and lines[2].amount > 0
        and lines[1].amount + lines[2].amount = refunds[1].refund_amount
        and lines[2].transacted_at >= lines[1].transacted_at + interval 2 hour
        and lines[2].bill_date = lines[1].bill_date
        and flows = [[refunds[1].refund_amount, 1]]""",
    "paid again": """
        len(refunds) = 1 and len(lines) = 3
        and refunds[1].attempt_number = 2 and refunds[1].refund_order_status = 'succeeded'
        and refunds[1].succeeded_at >= lines[3].transacted_at
        and list_distinct([line.refund_order_id for line in lines]) = [refunds[1].refund_order_id]
        and [line.line_type for line in lines] = ['refund', 'return', 'refund']
        and [line.bill_status for line in lines] = ['SUCCESS', 'CHANGE', 'SUCCESS']
        and list_distinct([line.amount for line in lines]) = [refunds[1].refund_amount]
        and refunds[1].succeeded_at <= lines[1].transacted_at + interval 30 hour
        and flows = [
            [refunds[1].refund_amount, 1], [refunds[1].refund_amount, -1],
            [refunds[1].refund_amount, 1]
        ]""",
    "part came back": """
        len(refunds) = 1 and len(lines) = 3
        and refunds[1].attempt_number = 1 and refunds[1].refund_order_status = 'succeeded'
        and list_distinct([line.refund_order_id for line in lines]) = [refunds[1].refund_order_id]
        and [line.line_type for line in lines] = ['refund', 'return', 'refund']
        and [line.bill_status for line in lines] = ['SUCCESS', 'CHANGE', 'SUCCESS']
        and lines[1].amount = refunds[1].refund_amount
        and lines[2].amount between 1 and refunds[1].refund_amount - 1
        and lines[3].amount = lines[2].amount
        and lines[3].transacted_at <= lines[1].transacted_at + interval 30 hour
        and lines[3].bill_date = lines[2].bill_date
        and flows = [
            [refunds[1].refund_amount, 1], [lines[2].amount, -1], [lines[3].amount, 1]
        ]""",
}
"""What is true of every claim of a trail, over `LIVES`."""


@pytest.mark.parametrize("trail", SHAPES)
def test_a_trail_has_its_shape(broken: duckdb.DuckDBPyConnection, trail: str) -> None:
    lived = f"select coalesce({SHAPES[trail]}, false) from ({LIVES}) where trail = '{trail}'"
    assert rows(broken, f"select distinct * from ({lived})") == [(True,)]


def test_every_trail_is_there_from_twenty_thousand_lines_on(
    clean: duckdb.DuckDBPyConnection,
) -> None:
    counts = dict(rows(clean, "select trail, count(*) from truth.refund_orders group by trail"))
    assert counts.keys() >= SHAPES.keys()
    assert {trail for trail in SHAPES if int(str(counts[trail])) < 5} == set()


def test_trails_that_are_hard_to_match_have_no_break_and_go_through_a_channel(
    broken: duckdb.DuckDBPyConnection,
) -> None:
    trails = ", ".join(f"'{trail}'" for trail in SHAPES)
    carrying = f"""
        select claim_id
        from truth.refund_orders
        where trail in ({trails}) and (break_class is not null or route = 'offline')"""
    assert rows(broken, carrying) == []


@pytest.mark.parametrize("name", ["clean", "broken"])
def test_matching_finds_what_the_lines_really_pay(
    name: str, request: pytest.FixtureRequest
) -> None:
    connection = request.getfixturevalue(name)
    really = """
        from money.line_shares
        where bill_line_id in (select bill_line_id from final.channel_bill_lines)"""
    found = f"with {SHARES} from shares"
    assert rows(connection, f"from ({found}) except all from ({really})") == []
    assert rows(connection, f"from ({really}) except all from ({found})") == []
