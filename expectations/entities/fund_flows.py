"""Batch audits of raw.fund_flows."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, currency_code, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect a currency, and no version from before the movement."""
    return rows_suite("fund_flows", not_before("updated_at", "flowed_at"), currency_code())


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("fund_flows")
