"""Batch audits of raw.livestream_traffic."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rarely, rows_suite

RATES = {"click_excess_rate": "avg((product_click_count > product_exposure_count)::integer)"}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect no version from before the ten minutes."""
    return rows_suite("livestream_traffic", not_before("updated_at", "interval_started_at"))


def batches() -> ExpectationSuite:
    """Expect clicks on products to be mostly as many as their exposures, or fewer."""
    return batches_suite(
        "livestream_traffic",
        rarely("click_excess_rate", "the intervals count more clicks than exposures"),
    )
