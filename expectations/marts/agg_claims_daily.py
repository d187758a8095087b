"""Audits of claims.agg_claims_daily."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, not_negative

TABLE = "claims.agg_claims_daily"
QUERY = "select * from {rows}"
KEYS = ("business_date", "right_code", "currency_code")


def suite() -> ExpectationSuite:
    """Expect parts that do not exceed what they are parts of."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            at_most("refused_count", "applied_count"),
            at_most("disputed_count", "applied_count"),
            at_most("eligible_served_count", "served_count"),
            not_negative("served_amount"),
        ],
    )
