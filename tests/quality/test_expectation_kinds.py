"""Every kind of expectation in use sees a planted fault, and says in which rows it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

import expectations
from orchestration.quality.results import AuditResult
from orchestration.quality.runner import Check, audit

ROWS = 500
"""More than the 20 and the 200 rows at which parts of GX stop unless told otherwise."""


@dataclass(frozen=True)
class Case:
    """A kind of expectation with data that it likes and a fault in some of 500 rows."""

    make: Callable[[Any], Any]
    """Takes `great_expectations.expectations`."""
    good: str
    """SQL of the columns over the row number `i`."""
    bad: str
    """The same where `i % 2 = 1`."""


CASES = {
    "expect_column_pair_values_a_to_be_greater_than_b": Case(
        lambda gxe: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="a", column_B="b", or_equal=True, ignore_row_if="either_value_is_missing"
        ),
        "case when i % 3 = 0 then null else i end as a, i as b",
        "i as a, i + 1 as b",
    ),
    "expect_column_pair_values_to_be_equal": Case(
        lambda gxe: gxe.ExpectColumnPairValuesToBeEqual(column_A="a", column_B="b"),
        "i::decimal(18, 2) as a, i::decimal(38, 2) as b",
        "i::decimal(18, 2) as a, i + 0.01::decimal(38, 2) as b",
    ),
    "expect_column_value_lengths_to_equal": Case(
        lambda gxe: gxe.ExpectColumnValueLengthsToEqual(column="a", value=3),
        "'CNY' as a",
        "'RMB￥' as a",
    ),
    "expect_column_value_lengths_to_be_between": Case(
        lambda gxe: gxe.ExpectColumnValueLengthsToBeBetween(column="a", min_value=32),
        "md5(i::varchar) as a",
        "i::varchar as a",
    ),
    "expect_column_values_to_be_between": Case(
        lambda gxe: gxe.ExpectColumnValuesToBeBetween(column="a", min_value=0, max_value=0.5),
        "case when i % 3 = 0 then null else 0.5::double end as a",
        "0.51::double as a",
    ),
    "expect_column_values_to_be_in_set": Case(
        lambda gxe: gxe.ExpectColumnValuesToBeInSet(column="a", value_set=[0]),
        "0 as a",
        "1 as a",
    ),
    "expect_column_values_to_not_be_in_set": Case(
        lambda gxe: gxe.ExpectColumnValuesToNotBeInSet(column="a", value_set=["phone", "name"]),
        "'city' as a",
        "'phone' as a",
    ),
    "expect_column_values_to_not_be_null": Case(
        lambda gxe: gxe.ExpectColumnValuesToNotBeNull(column="a"), "1 as a", "null::bigint as a"
    ),
    "unexpected_rows_expectation": Case(
        lambda gxe: gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=(
                "select _delivery_id, _row_number from {batch} where regexp_matches(a, '^1[3-9]')"
            )
        ),
        "'m-' || i as a",
        "'138' || i as a",
    ),
}


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def in_use() -> set[str]:
    return {
        item.expectation_type
        for suite in expectations.suites().values()
        for item in suite.expectations
    }


def planted(
    connection: duckdb.DuckDBPyConnection, case: Case, columns: str, share: str
) -> AuditResult:
    import great_expectations.expectations as gxe
    from great_expectations import ExpectationSuite

    rows = f"select i % 4 as _delivery_id, i as _row_number, {{}} from range({ROWS}) numbers(i)"
    query = (
        f"select * from ({rows.format(case.good)} where not ({share}))"
        f" union all select * from ({rows.format(columns)} where {share})"
    )
    check = Check(
        table="planted",
        query=query,
        suite=ExpectationSuite(name="planted", expectations=[case.make(gxe)]),
        keys=("_delivery_id", "_row_number"),
    )
    (result,) = audit(connection, [check])
    return result


def test_every_kind_in_use_has_a_planted_fault() -> None:
    assert in_use() == set(CASES)


@pytest.mark.parametrize("kind", CASES)
def test_good_rows_pass(kind: str, connection: duckdb.DuckDBPyConnection) -> None:
    result = planted(connection, CASES[kind], CASES[kind].good, "i % 2 = 1")
    assert result.expectation == kind
    assert result.success
    assert result.unexpected_count == 0
    assert result.sample == ()


@pytest.mark.parametrize("kind", CASES)
def test_every_planted_row_is_counted(kind: str, connection: duckdb.DuckDBPyConnection) -> None:
    result = planted(connection, CASES[kind], CASES[kind].bad, "i % 2 = 1")
    assert not result.success
    assert result.unexpected_count == ROWS // 2
    assert {key["_delivery_id"] for key in result.sample} <= {1, 3}


@pytest.mark.parametrize("kind", CASES)
def test_the_one_bad_row_is_named(kind: str, connection: duckdb.DuckDBPyConnection) -> None:
    result = planted(connection, CASES[kind], CASES[kind].bad, "i = 333")
    assert not result.success
    assert result.sample == ({"_delivery_id": 1, "_row_number": 333},)
