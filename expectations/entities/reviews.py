"""Batch audits of raw.reviews."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect no version from before the review."""
    return rows_suite("reviews", not_before("updated_at", "reviewed_at"))


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("reviews")
