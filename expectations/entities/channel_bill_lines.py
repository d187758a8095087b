"""Batch audits of raw.channel_bill_lines."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, currency_code, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect a currency, and no version from before the transaction."""
    return rows_suite(
        "channel_bill_lines", not_before("updated_at", "transacted_at"), currency_code()
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("channel_bill_lines")
