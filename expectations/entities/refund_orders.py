"""Batch audits of raw.refund_orders."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, currency_code, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect the steps of a refund to follow each other."""
    return rows_suite(
        "refund_orders",
        not_before("succeeded_at", "instructed_at"),
        not_before("due_at", "instructed_at"),
        not_before("updated_at", "instructed_at"),
        currency_code(),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("refund_orders")
