"""Batch audits of raw.merchants."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rarely, rows_suite

RATES = {"merchant_name_missing_rate": "avg((merchant_name is null)::integer)"}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect no version from before the shop opened."""
    return rows_suite("merchants", not_before("updated_at", "opened_at"))


def batches() -> ExpectationSuite:
    """Expect merchants to have names."""
    return batches_suite(
        "merchants", rarely("merchant_name_missing_rate", "the merchants lack the name")
    )
