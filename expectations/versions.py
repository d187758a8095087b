"""Audits of the odd versions among the new rows: one row per odd row, with what is odd."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from expectations.rules import LATE_DAYS

TABLE = "versions"


def suite() -> ExpectationSuite:
    """Expect every version once, and from the days that its file is about."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            _repeats("the same file"),
            _repeats("another file"),
            gxe.ExpectColumnValuesToBeBetween(
                column="days_after_dt",
                max_value=LATE_DAYS,
                severity="warning",
                description=f"no version lies more than {LATE_DAYS} days after the end of dt",
            ),
        ],
    )


def _repeats(where: str) -> gxe.Expectation:
    return gxe.ExpectColumnValuesToNotBeInSet(
        column="repeats",
        value_set=[where],
        severity="warning",
        description=f"no row repeats a version of {where}",
    )
