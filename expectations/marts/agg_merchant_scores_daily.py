"""Audits of merchants.agg_merchant_scores_daily."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from expectations.rules import share

TABLE = "merchants.agg_merchant_scores_daily"
QUERY = "select * from {rows}"
KEYS = ("business_date", "merchant_id")

HIGHEST = 100


def suite() -> ExpectationSuite:
    """Expect scores on their scale, and rates between 0 and 1."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="score",
                min_value=0,
                max_value=HIGHEST,
                severity="critical",
                description=f"score lies between 0 and {HIGHEST}",
            ),
            share("complaint_rate"),
            share("bad_review_rate"),
        ],
    )
