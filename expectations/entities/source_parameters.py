"""Batch audits of raw.source_parameters."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect nothing of single rows beyond the contract."""
    return rows_suite("source_parameters")


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("source_parameters")
