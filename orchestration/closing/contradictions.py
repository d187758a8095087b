"""What the records about a month's money say against each other, or of what has not come."""

from __future__ import annotations

import duckdb

from orchestration.closing.months import Month

_STATED = {
    "claims": ("claim_id", ("applied_amount", "refund_amount", "refund_status")),
    "refund_orders": ("refund_order_id", ("refund_amount", "refund_order_status")),
    "channel_bill_lines": ("bill_line_id", ("amount", "line_type", "bill_status")),
    "fund_flows": ("fund_flow_id", ("amount", "direction", "scene")),
}
"""By entity: its key, and what two rows of one version have to say alike."""
_TWO_STATES = """
    select count(*), min(key)
    from (
        select rows.{key} as key
        from raw.{entity} as rows
        inner join raw.deliveries as files
            on rows._delivery_id = files.delivery_id and files.status = 'accepted'
        group by rows.source, rows.{key}, rows.updated_at
        having
            count(distinct ({stated})) > 1
            and bool_or(files.dt between $1 and $2)
    )
"""
_WAITING = """
    select currency_code, count(*), sum(applied_amount), min(claim_id)
    from intermediate.int_claims_current
    where
        approved_date <= $1
        and source in (select source from seeds.reconciled_sources)
        and order_id not in (select order_id from intermediate.int_orders_current)
    group by currency_code
    order by currency_code
"""
_OTHER_ORDER = """
    select refunds.currency_code, count(*), sum(refunds.refund_amount), min(refunds.refund_order_id)
    from intermediate.int_refund_orders_current as refunds
    inner join intermediate.int_claims_current as claims on refunds.claim_id = claims.claim_id
    where
        refunds.order_id <> claims.order_id
        and refunds.instructed_date between $1 and $2
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
    for entity, (key, stated) in _STATED.items():
        columns = ", ".join(f"rows.{column}" for column in stated)
        query = _TWO_STATES.format(entity=entity, key=key, stated=columns)
        ((count, example),) = connection.execute(query, [month.first, month.last]).fetchall()
        if count:
            found.append(
                f"{count:,} {entity} are told in two ways at one version time, such as {example}"
            )
    rows = connection.execute(_WAITING, [month.last]).fetchall()
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
