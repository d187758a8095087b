"""Batch audits of raw.service_conversations."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect replies and ends after the start."""
    return rows_suite(
        "service_conversations",
        not_before("first_replied_at", "started_at"),
        not_before("ended_at", "started_at"),
        not_before("updated_at", "started_at"),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("service_conversations")
