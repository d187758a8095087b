"""What stands in the databases after a build: columns, types, dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.home import Home
from orchestration.ingestion.contract import load_contract


@pytest.fixture(scope="module")
def databases(built_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Warehouse and marts, as a reader of both."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{built_home.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{built_home.marts_next}' as marts (read_only)")
        yield connection


def columns(databases: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Relation, column and type of all that dbt's models built."""
    return databases.execute(
        "select schema_name || '.' || table_name, column_name, lower(data_type)"
        " from duckdb_columns()"
        " where database_name = 'marts' and schema_name not in ('changes', 'main')"
        " or database_name = 'warehouse' and schema_name in ('staging', 'intermediate')"
    ).fetchall()


def test_types_follow_the_names_of_columns_in_every_layer(
    databases: duckdb.DuckDBPyConnection,
) -> None:
    wanted = {
        "_id": "varchar",
        "_key": "varchar",
        "_at": "timestamp",
        "_date": "date",
        "_count": "bigint",
        "_amount": "decimal(18,2)",
        "_rate": "double",
    }
    found = columns(databases)
    assert {relation.split(".")[0] for relation, _, _ in found} >= {"staging", "intermediate"}
    assert [
        (relation, name, data_type)
        for relation, name, data_type in found
        for suffix, expected in wanted.items()
        if name.endswith(suffix) and data_type != expected
    ] == []
    assert [
        (relation, name, data_type)
        for relation, name, data_type in found
        if name.startswith(("is_", "has_")) != (data_type == "boolean") and name != "_counts"
    ] == []


def test_no_relation_behind_raw_holds_a_personal_column(
    databases: duckdb.DuckDBPyConnection,
) -> None:
    personal = {
        column.name
        for entity in load_contract().values()
        for column in entity.columns
        if column.personal or column.person
    }
    assert {"customer_id", "receiver_phone", "creator_name"} <= personal
    assert [(relation, name) for relation, name, _ in columns(databases) if name in personal] == []


@pytest.mark.parametrize(
    ("day", "iso_year", "iso_week", "iso_weekday", "is_weekend", "quarter", "festivals"),
    [
        ("2021-01-01", 2020, 53, 5, False, 1, None),
        ("2021-01-04", 2021, 1, 1, False, 1, None),
        ("2020-12-31", 2020, 53, 4, False, 4, None),
        ("2021-02-14", 2021, 6, 7, True, 1, "VALENTINE"),
        ("2021-08-14", 2021, 32, 6, True, 3, "QIXI"),
        ("2020-02-29", 2020, 9, 6, True, 1, None),
    ],
)
def test_a_date_knows_its_iso_week_and_festivals(
    databases: duckdb.DuckDBPyConnection,
    day: str,
    iso_year: int,
    iso_week: int,
    iso_weekday: int,
    is_weekend: bool,
    quarter: int,
    festivals: str | None,
) -> None:
    found = databases.execute(
        "select iso_year, iso_week, iso_weekday, is_weekend, quarter_number, festival_codes"
        " from marts.core.dim_dates where business_date = cast(? as date)",
        [day],
    ).fetchall()
    assert found == [(iso_year, iso_week, iso_weekday, is_weekend, quarter, festivals)]


def test_the_calendar_has_every_day_of_its_range_once(
    databases: duckdb.DuckDBPyConnection,
) -> None:
    found = databases.execute(
        "select min(business_date), max(business_date), count(*), count(distinct business_date)"
        " from marts.core.dim_dates"
    ).fetchone()
    first, last = date(2005, 1, 1), date(2035, 12, 31)
    days = (last - first).days + 1
    assert found == (first, last, days, days)
