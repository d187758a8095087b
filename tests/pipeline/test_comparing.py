"""Two warehouses are equal only with the same columns and rows; each difference is named once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from orchestration.comparing import SHOWN_KEYS, ModelDifference, Relation, compare

DAILY = Relation("daily", "marts", "sales", "daily", ("day",), is_view=False)
LISTED = Relation("listed", "marts", "sales", "listed", (), is_view=False)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two empty warehouses."""
    with duckdb.connect() as connection:
        for side in ("live", "rebuilt"):
            connection.execute(f"attach ':memory:' as {side}_marts")
            connection.execute(f"create schema {side}_marts.sales")
        yield connection


def compared(
    connection: duckdb.DuckDBPyConnection, live: str, rebuilt: str, relation: Relation = DAILY
) -> ModelDifference | None:
    """Compare what two selects yield."""
    for side, select in (("live", live), ("rebuilt", rebuilt)):
        connection.execute(
            f"create or replace table {side}_marts.sales.{relation.alias} as {select}"
        )
    _, differences = compare(connection, [relation])
    assert len(differences) < 2
    return differences[0] if differences else None


def examples(*arguments: Any) -> list[dict[str, Any]]:
    found = compared(*arguments)
    assert found is not None
    return found.examples


@pytest.mark.parametrize(
    ("live", "rebuilt", "said"),
    [
        ("1 as a, 2 as b", "1 as a, 2 as c", ["b INTEGER / rebuilt missing", "c missing"]),
        ("1 as a, 2 as b", "1 as a, 2::bigint as b", ["b INTEGER / rebuilt BIGINT"]),
        ("1 as a", "1 as a, null as b", ["b missing / rebuilt INTEGER"]),
        ("0 as z, 1 as b, 1 as a", "0 as z, 1 as a, 1 as b", ["order b, a / rebuilt a, b"]),
    ],
)
def test_columns_differ_by_name_type_and_place(
    connection: duckdb.DuckDBPyConnection, live: str, rebuilt: str, said: list[str]
) -> None:
    found = compared(connection, f"select {live}", f"select {rebuilt}")
    assert found is not None
    assert len(found.columns) == len(said)
    assert all(line.startswith(start) for line, start in zip(found.columns, said, strict=True))
    assert (found.live_rows, found.rebuilt_rows, found.examples) == (1, 1, [])


def test_a_table_that_is_missing_or_nobodys_is_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("create table rebuilt_marts.sales.daily as select 1 as day")
    connection.execute("create table live_marts.sales.orphan as select 1 as day")
    connection.execute("create schema live_marts.other")
    connection.execute("create table live_marts.other.somebodys as select 1 as day")
    rows, differences = compare(connection, [DAILY])
    assert rows == 0
    assert [(each.model, each.columns) for each in differences] == [
        ("sales.orphan", ["no model or seed makes this table"]),
        ("daily", ["the live table is missing"]),
    ]


def test_equal_rows_are_equal_in_any_order_nan_and_null_included(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = "select * from (values (1, 'nan'::double, null), (2, 0.5, 'x')) as t(day, share, name)"
    assert compared(connection, f"{rows} order by day", f"{rows} order by day desc") is None


def test_only_values_that_differ_are_listed_not_nan_beside_nan(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    live = "select 1 as day, 'nan'::double as share, null as name, 1 as amount"
    rebuilt = "select 1 as day, 'nan'::double as share, null as name, null::integer as amount"
    assert examples(connection, live, rebuilt) == [
        {"in": "both", "day": 1, "amount": "1 / rebuilt null"}
    ]


def test_a_key_that_both_sides_have_is_in_both_wherever_the_list_ends(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    both = "select i as day, {} as amount from range({}) as r(i)"
    live, rebuilt = both.format(1, 30), f"{both.format(2, 30)} where i > 0"
    found = examples(connection, live, rebuilt)
    assert [example["in"] for example in found] == ["live", *["both"] * (SHOWN_KEYS - 1)]
    assert [example["day"] for example in found] == list(range(SHOWN_KEYS))


def test_rows_of_one_side_that_share_a_key_are_all_listed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    live = "select * from (values (null, 1), (null, 2), (null, 3)) as t(day, amount)"
    rebuilt = "select * from (values (null, 3), (null, 4)) as t(day, amount)"
    assert examples(connection, live, rebuilt) == [
        {"in": "both", "day": None, "amount": "1 / rebuilt 4"},
        {"in": "live", "day": None},
    ]


def test_rows_without_a_key_are_listed_whole(connection: duckdb.DuckDBPyConnection) -> None:
    live = "select 1 as one, 'side' as side, 'x' as place"
    rebuilt = "select 2 as one, 'side' as side, 'x' as place"
    assert examples(connection, live, rebuilt, LISTED) == [
        {"in": "live", "one": 1, "side": "side", "place": "x"},
        {"in": "rebuilt", "one": 2, "side": "side", "place": "x"},
    ]
