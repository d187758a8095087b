"""Audits of core.fct_refunds."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import not_ahead, not_negative

TABLE = "core.fct_refunds"
QUERY = """
select *, date_diff('day', current_date, refunded_date) as days_ahead
from {rows}
"""
KEYS = ("refund_id",)


def suite() -> ExpectationSuite:
    """Expect refunds that are not negative, after their allocation too, and have happened."""
    return ExpectationSuite(
        name=TABLE, expectations=[not_negative("refund_amount"), not_ahead("refunded_date")]
    )
