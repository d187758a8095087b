"""Batch audits of raw.livestream_sessions."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, batches_suite, not_before, rarely, rows_suite

RATES = {"unwatched_rate": "avg((view_count = 0)::integer)"}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect counters of a session that fit each other."""
    return rows_suite(
        "livestream_sessions",
        at_most("peak_online_count", "view_count"),
        at_most("product_click_count", "product_exposure_count"),
        not_before("updated_at", "started_at"),
    )


def batches() -> ExpectationSuite:
    """Expect sessions to be watched."""
    return batches_suite(
        "livestream_sessions", rarely("unwatched_rate", "the sessions have no views", 0.5)
    )
