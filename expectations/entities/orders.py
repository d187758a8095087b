"""Batch audits of raw.orders."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import (
    at_most,
    batches_suite,
    currency_code,
    not_before,
    not_mostly,
    rarely,
    rows_suite,
)

RATES = {
    "net_negative_rate": "avg((pay_amount < freight_amount)::integer)",
    "customer_missing_rate": (
        "avg((customer_id is null)::integer) filter (where paid_at is not null)"
    ),
}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""

MISSING_LIMIT = 0.3
"""Share of paid orders without a buyer that is still usual."""


def rows() -> ExpectationSuite:
    """Expect amounts and times of an order that fit each other."""
    return rows_suite(
        "orders",
        at_most("freight_amount", "pay_amount"),
        not_before("updated_at", "created_at"),
        not_before("updated_at", "paid_at"),
        not_before("finished_at", "created_at"),
        currency_code(),
    )


def batches() -> ExpectationSuite:
    """Expect paid orders to know their buyer, and net amounts that are mostly not negative."""
    return batches_suite(
        "orders",
        rarely("customer_missing_rate", "the paid orders lack the customer", MISSING_LIMIT),
        not_mostly("net_negative_rate", "the orders have a freight above what is paid"),
    )
