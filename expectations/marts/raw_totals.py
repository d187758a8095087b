"""Control totals from all accepted raw rows to their current state: reads all of history.

The newest version of each key is found another way than the models find it. One row per total
and currency; lines have none of their own.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "raw_totals"
THOROUGH = True
"""Too dear for a daily run."""


def _current(entity: str, key: str, columns: str) -> str:
    """Select the newest accepted version of each key."""
    return f"""(
        select unnest(arg_max(
            {{{columns}}}, (rows.updated_at, deliveries.dt, deliveries.path, rows._row_number)
        ))
        from raw.{entity} as rows
        inner join raw.deliveries as deliveries on rows._delivery_id = deliveries.delivery_id
        where deliveries.status = 'accepted'
        group by rows.{key}
    )"""


_ORDERS = _current(
    "orders", "order_id", "'currency_code': rows.currency_code, 'amount': rows.pay_amount"
)
_LINES = _current("order_lines", "line_id", "'amount': rows.pay_amount")
_CLAIMS = _current(
    "claims", "claim_id", "'currency_code': rows.currency_code, 'amount': rows.refund_amount"
)
_SUMS = "count(*) as row_count, coalesce(sum(amount), 0) as amount"

QUERY = f"""
select
    total_name,
    currency_code,
    coalesce(raw_totals.row_count, 0) as raw_row_count,
    coalesce(current_totals.row_count, 0) as row_count,
    coalesce(raw_totals.amount, 0) * 0.01 as raw_amount,
    coalesce(current_totals.amount, 0) as amount
from (
    select 'orders' as total_name, currency_code, {_SUMS} from {_ORDERS} group by all
    union all
    select 'order lines', '', {_SUMS} from {_LINES} group by all
    union all
    select 'claims', currency_code, {_SUMS} from {_CLAIMS} group by all
) as raw_totals
full join (
    select
        'orders' as total_name, currency_code,
        count(*) as row_count, coalesce(sum(pay_amount), 0) as amount
    from intermediate.int_orders_current group by all
    union all
    select 'order lines', '', count(*), coalesce(sum(pay_amount), 0)
    from intermediate.int_order_lines_current group by all
    union all
    select 'claims', currency_code, count(*), coalesce(sum(refund_amount), 0)
    from intermediate.int_claims_current group by all
) as current_totals using (total_name, currency_code)
"""
COMPUTED = True
KEYS = ("total_name", "currency_code")


def suite() -> ExpectationSuite:
    """Expect the current state to be the newest accepted versions, all of them and once."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="row_count",
                column_B="raw_row_count",
                severity="critical",
                description="every accepted key has one current row",
            ),
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="amount",
                column_B="raw_amount",
                severity="critical",
                description="the amounts of the current rows are those of the newest versions",
            ),
        ],
    )
