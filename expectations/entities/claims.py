"""Batch audits of raw.claims."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import (
    at_most,
    batches_suite,
    currency_code,
    not_before,
    not_mostly,
    rarely,
    rows_suite,
)

RATES = {
    "refund_excess_rate": "avg((refund_amount > applied_amount)::integer)",
    "reason_missing_rate": "avg((reason is null)::integer) filter (where order_id is not null)",
}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""

MISSING_LIMIT = 0.5
"""Share of claims without a reason that is still usual."""


def rows() -> ExpectationSuite:
    """Expect amounts and times of a claim that fit each other."""
    return rows_suite(
        "claims",
        at_most("refund_amount", "applied_amount"),
        not_before("approved_at", "applied_at"),
        not_before("refunded_at", "applied_at"),
        not_before("updated_at", "applied_at"),
        currency_code(),
    )


def batches() -> ExpectationSuite:
    """Expect refunds within what was applied for, and reasons."""
    return batches_suite(
        "claims",
        not_mostly("refund_excess_rate", "the claims refund more than was applied for"),
        rarely("reason_missing_rate", "the claims about an order lack the reason", MISSING_LIMIT),
    )
