"""Batch audits of raw.order_lines."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite
from great_expectations.expectations.row_conditions import Column

from expectations.rules import at_most, batches_suite, not_before, rarely, rows_suite

RATES = {
    "creator_missing_rate": "avg((creator_id is null)::integer) filter (where channel = 'live')",
    "session_missing_rate": "avg((session_id is null)::integer) filter (where channel = 'live')",
}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""

MISSING_LIMIT = 0.3
"""Share of live lines without a creator or a session that is still usual."""


def rows() -> ExpectationSuite:
    """Expect amounts, units and times of a line that fit each other."""
    return rows_suite(
        "order_lines",
        at_most("pay_amount", "order_amount"),
        not_before("updated_at", "received_at"),
        gxe.ExpectColumnValuesToBeBetween(
            column="item_count",
            min_value=1,
            row_condition=Column("pay_amount") > 0,
            severity="warning",
            description="a line with a price sells at least one unit",
        ),
    )


def batches() -> ExpectationSuite:
    """Expect lines sold live to name who sold them and where."""
    return batches_suite(
        "order_lines",
        rarely("creator_missing_rate", "the live lines lack the creator", MISSING_LIMIT),
        rarely("session_missing_rate", "the live lines lack the session", MISSING_LIMIT),
    )
