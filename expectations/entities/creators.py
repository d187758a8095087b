"""Batch audits of raw.creators."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, rarely, rows_suite

RATES = {"follower_missing_rate": "avg((follower_count is null)::integer)"}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect nothing of single rows beyond the contract."""
    return rows_suite("creators")


def batches() -> ExpectationSuite:
    """Expect creators to come with their followers."""
    return batches_suite(
        "creators",
        rarely("follower_missing_rate", "the creators lack the number of followers", 0.5),
    )
