"""What the records about a month's money say against each other, or of what has not come."""

from __future__ import annotations

import duckdb

from orchestration.closing.months import Month

_RECONCILED = "source in (select source from seeds.reconciled_sources)"
_STATED = {
    "claims": (
        "claim_id",
        "(approved_date between $1 and $2 or refunded_date between $1 and $2"
        f" or ended_date between $1 and $2) and {_RECONCILED}",
        ("applied_amount", "refund_amount", "refund_status"),
    ),
    "refund_orders": (
        "refund_order_id",
        "(instructed_date between $1 and $2 or succeeded_date between $1 and $2)",
        ("refund_amount", "refund_order_status"),
    ),
    "channel_bill_lines": (
        "bill_line_id",
        "bill_date between $1 and $2",
        ("amount", "line_type", "bill_status"),
    ),
    "fund_flows": (
        "fund_flow_id",
        "flowed_date between $1 and $2",
        ("amount", "direction", "scene"),
    ),
}
"""By entity: its key, which are the month's, and what two rows of one version have to say alike."""
_TWO_STATES = """
    with told as (
        select rows.{key} as key, ({stated}) as state
        from (
            select {key}, updated_at from intermediate.int_{entity}_current where {is_of_month}
        ) as newest
        inner join raw.{entity} as rows
            on newest.{key} = rows.{key} and newest.updated_at = rows.updated_at
        inner join raw.deliveries as files
            on rows._delivery_id = files.delivery_id and files.status = 'accepted'
    )
    select count(*), min(key)
    from (
        select key
        from told
        group by key
        having count(*) > 1 and count(distinct state) > 1
    )
"""
"""Of the version that counts; what a later one has put right, it has put right here, too."""
_WAITING = f"""
    with waiting as (
        select
            claim_id,
            currency_code,
            case
                when refund_status in (3, 5) then coalesce(refund_amount, 0)
                when claim_status in (27, 28, 29) then 0
                when approved_at is null then 0
                when claim_type in (0, 1, 2, 6) or refund_status in (2, 4)
                    then coalesce(applied_amount, 0)
                else 0
            end as due_amount
        from intermediate.int_claims_current
        where
            (approved_date between $1 and $2 or refunded_date between $1 and $2)
            and {_RECONCILED}
            and order_id not in (select order_id from intermediate.int_orders_current)
    )
    select currency_code, count(*), sum(due_amount), min(claim_id)
    from waiting
    where due_amount > 0
    group by currency_code
    order by currency_code
"""
"""What they are due is what int_refund_entitlements says, which leaves them out."""
_OTHER_ORDER = """
    select refunds.currency_code, count(*), sum(refunds.refund_amount), min(refunds.refund_order_id)
    from intermediate.int_refund_orders_current as refunds
    inner join intermediate.int_claims_current as claims on refunds.claim_id = claims.claim_id
    where
        refunds.order_id <> claims.order_id
        and (
            refunds.instructed_date between $1 and $2 or refunds.succeeded_date between $1 and $2
        )
    group by refunds.currency_code
    order by refunds.currency_code
"""


def contradictions(connection: duckdb.DuckDBPyConnection, month: Month) -> list[str]:
    """Return a sentence for each kind of record that can't all be right, or that lacks its order.

    Args:
        connection: To the warehouse, with the published file attached as `marts`.
        month: The month.
    """
    found = []
    for entity, (key, is_of_month, stated) in _STATED.items():
        columns = ", ".join(f"rows.{column}" for column in stated)
        query = _TWO_STATES.format(entity=entity, key=key, is_of_month=is_of_month, stated=columns)
        ((count, example),) = connection.execute(query, [month.first, month.last]).fetchall()
        if count:
            found.append(
                f"{count:,} {entity} are told in two ways at one version time, such as {example}"
            )
    rows = connection.execute(_WAITING, [month.first, month.last]).fetchall()
    found += [
        f"{count:,} approved claims of {amount:,.2f} {code} wait for their order, such as {example}"
        for code, count, amount, example in rows
    ]
    rows = connection.execute(_OTHER_ORDER, [month.first, month.last]).fetchall()
    return found + [
        f"{count:,} refund orders of {amount:,.2f} {code} pay for another order than their claim's,"
        f" such as {example}"
        for code, count, amount, example in rows
    ]
