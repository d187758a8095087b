"""Batch audits of raw.disputes."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect a dispute to be judged after it was opened."""
    return rows_suite(
        "disputes", not_before("judged_at", "opened_at"), not_before("updated_at", "opened_at")
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("disputes")
