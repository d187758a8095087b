"""Batch audits of raw.right_enrolments."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect an enrolment not to end before it begins."""
    return rows_suite(
        "right_enrolments",
        not_before("ended_at", "enrolled_at"),
        not_before("updated_at", "enrolled_at"),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("right_enrolments")
