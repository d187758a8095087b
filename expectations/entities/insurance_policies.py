"""Batch audits of raw.insurance_policies."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, currency_code, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect a payout after the policy began, and a currency."""
    return rows_suite(
        "insurance_policies",
        not_before("paid_out_at", "insured_at"),
        not_before("updated_at", "insured_at"),
        currency_code(),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("insurance_policies")
