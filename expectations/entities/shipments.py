"""Batch audits of raw.shipments."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, not_before, rows_suite

RATES: dict[str, str] = {}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect the steps of a shipment to follow each other."""
    return rows_suite(
        "shipments",
        not_before("delivered_at", "picked_up_at"),
        not_before("delivery_due_at", "pickup_due_at"),
        not_before("updated_at", "picked_up_at"),
        not_before("updated_at", "delivered_at"),
    )


def batches() -> ExpectationSuite:
    """Expect nothing beyond what holds for every delivery."""
    return batches_suite("shipments")
