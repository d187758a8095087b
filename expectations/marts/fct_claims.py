"""Audits of core.fct_claims."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite
from great_expectations.expectations.row_conditions import Column

from expectations.rules import not_negative

TABLE = "core.fct_claims"
QUERY = "select * from {rows}"
KEYS = ("claim_id",)


def suite() -> ExpectationSuite:
    """Expect amounts that are not negative and steps that follow each other."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("applied_amount"),
            not_negative("refund_amount"),
            not_negative("apply_to_approve_seconds", severity="warning"),
            gxe.ExpectColumnValuesToNotBeNull(
                column="refunded_date",
                row_condition=Column("refund_status") == 3,
                severity="critical",
                description="a successful refund has a date",
            ),
        ],
    )
