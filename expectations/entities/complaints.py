"""Batch audits of raw.complaints."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect a complaint to be closed after it was made."""
    return rows_suite(
        "complaints",
        not_before("closed_at", "complained_at"),
        not_before("updated_at", "complained_at"),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("complaints")
