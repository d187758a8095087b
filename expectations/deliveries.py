"""Audits of a delivery as a whole, on the profile: one row per delivery and entity.

The row with the entity `file` is about the file itself.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from expectations.rules import (
    AMOUNT_HOLD_FACTOR,
    AMOUNT_WARNING_FACTOR,
    ENOUGH_ROWS,
    SMALL_SAMPLE,
    VOLUME_FACTOR,
    not_mostly,
    rarely,
)

TABLE = "deliveries"


def suite() -> ExpectationSuite:
    """Expect files that are complete, plausible for their day, and like their predecessors."""
    return ExpectationSuite(name=TABLE, expectations=[*_complete(), *_plausible(), *_drift()])


def _complete() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="rows_read",
            column_B="rows_accounted",
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="every row read is either accepted or quarantined",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="row_count",
            column_B="stored_row_count",
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="every accepted row stands in the raw table",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="total_gap",
            value_set=[0],
            severity="critical",
            description="the control totals are the sums of the rows that stand in the raw table",
        ),
        _emptied(),
    ]


def _plausible() -> list[gxe.Expectation]:
    return [
        rarely("quarantined_rate", "the rows are quarantined", any_size=True),
        not_mostly("quarantined_rate", "the rows are quarantined"),
        not_mostly("duplicate_rate", "the rows repeat a version of the same file"),
        gxe.ExpectColumnValuesToBeInSet(
            column="same_content_count",
            value_set=[0],
            severity="warning",
            description="no other file of the feed has the same content",
        ),
    ]


def _emptied() -> gxe.Expectation:
    """Hold a file without an accepted row that would take many away; a release lets it."""
    return gxe.ExpectColumnValuesToBeBetween(
        column="emptied_row_count",
        max_value=SMALL_SAMPLE,
        strict_max=True,
        severity="critical",
        description=f"a file without an accepted row replaces fewer than {SMALL_SAMPLE}",
    )


def _drift() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="volume_factor",
            max_value=VOLUME_FACTOR,
            severity="warning",
            description=f"as many rows as usual, within a factor of {VOLUME_FACTOR}",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount_factor",
            max_value=AMOUNT_WARNING_FACTOR,
            row_condition=ENOUGH_ROWS,
            severity="warning",
            description=f"amounts per row as usual, within a factor of {AMOUNT_WARNING_FACTOR}",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount_factor",
            max_value=AMOUNT_HOLD_FACTOR,
            row_condition=ENOUGH_ROWS,
            severity="critical",
            description=f"amounts per row as usual, within a factor of {AMOUNT_HOLD_FACTOR}",
        ),
    ]
