"""The few shapes that most expectations have, and the thresholds that they share."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite
from great_expectations.expectations.row_conditions import Column

WARNING_RATE = 0.05
"""A share of odd rows that someone should look at."""
HOLD_RATE = 0.5
"""A share of bad rows at which the file as a whole is not believable."""
SMALL_SAMPLE = 20
"""Rates over fewer delivered rows never hold a delivery, nor does the loss of fewer."""
VOLUME_FACTOR = 5
"""How many times more or fewer rows than usual are worth a look; campaigns stay below."""
AMOUNT_WARNING_FACTOR = 3
"""How far the mean amount of a row may move from its usual value before it is reported."""
AMOUNT_HOLD_FACTOR = 20
"""Beyond it amounts are in another unit (yuan for fen: 100) or another currency."""
LATE_DAYS = 2
"""How long after its dt ends a delivery may still report events."""

ENOUGH_ROWS = Column("rows_read") >= SMALL_SAMPLE


def rows_suite(entity: str, *expectations: gxe.Expectation) -> ExpectationSuite:
    """Make the suite over all new rows of an entity."""
    return ExpectationSuite(name=f"raw.{entity}", expectations=list(expectations))


def batches_suite(entity: str, *expectations: gxe.Expectation) -> ExpectationSuite:
    """Make the suite over the profile of an entity, one row per new delivery."""
    for expectation in expectations:
        expectation.meta = {"table": f"raw.{entity}"}
    return ExpectationSuite(name=f"raw.{entity} by delivery", expectations=list(expectations))


def not_before(later: str, earlier: str) -> gxe.Expectation:
    """Expect one time of a row not to lie before another one, where both are known."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later,
        column_B=earlier,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity="warning",
        description=f"{later} does not lie before {earlier}",
    )


def currency_code() -> gxe.Expectation:
    """Expect the currency of a row to look like one."""
    return gxe.ExpectColumnValueLengthsToEqual(
        column="currency_code",
        value=3,
        severity="warning",
        description="currency_code has the three letters of ISO 4217",
    )


def at_most(smaller: str, larger: str) -> gxe.Expectation:
    """Expect one number of a row not to exceed another one, where both are known."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=larger,
        column_B=smaller,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity="warning",
        description=f"{smaller} does not exceed {larger}",
    )


def rarely(
    column: str, what: str, limit: float = WARNING_RATE, *, any_size: bool = False
) -> gxe.Expectation:
    """Report a delivery, of some size or of any, in which a share of rows is too large."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        max_value=limit,
        row_condition=None if any_size else ENOUGH_ROWS,
        severity="warning",
        description=f"at most {limit:.0%} of {what}",
    )


def not_mostly(column: str, what: str) -> gxe.Expectation:
    """Hold a delivery of some size in which most rows are bad."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        max_value=HOLD_RATE,
        row_condition=ENOUGH_ROWS,
        severity="critical",
        description=f"at most {HOLD_RATE:.0%} of {what}",
    )


def not_negative(column: str, severity: str = "critical") -> gxe.Expectation:
    """Expect a column of a mart to hold nothing below zero."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=0,
        severity=severity,
        description=f"{column} is not negative",
    )


def share(column: str) -> gxe.Expectation:
    """Report a rate of a mart that does not lie between 0 and 1."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=0,
        max_value=1,
        severity="warning",
        description=f"{column} lies between 0 and 1",
    )


def not_ahead(what: str) -> gxe.Expectation:
    """Report dates beyond tomorrow; the query counts them as `days_ahead`."""
    return gxe.ExpectColumnValuesToBeBetween(
        column="days_ahead",
        max_value=1,
        severity="warning",
        description=f"{what} does not lie beyond tomorrow",
    )
