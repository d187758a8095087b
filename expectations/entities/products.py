"""Batch audits of raw.products."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import batches_suite, rarely, rows_suite

RATES = {"product_name_missing_rate": "avg((product_name is null)::integer)"}
"""Shares of rows that the profile of a delivery holds, as SQL over its rows."""


def rows() -> ExpectationSuite:
    """Expect nothing of single rows beyond the contract."""
    return rows_suite("products")


def batches() -> ExpectationSuite:
    """Expect products to have names."""
    return batches_suite(
        "products", rarely("product_name_missing_rate", "the products lack the name")
    )
