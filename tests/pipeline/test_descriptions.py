"""What models and columns mean stands in the published file, for catalogues that read comments."""

from __future__ import annotations

import duckdb

from orchestration import descriptions, pipeline, publishing
from orchestration.home import Home
from tests.small_landing import DAYS, deliver_day

UNSAID = """
select schema_name, table_name, null from duckdb_tables() where comment is null
union all
select schema_name, table_name, column_name from duckdb_columns() where comment is null
"""
OWN = "schema_name not in ('meta', 'changes', 'main') and database_name = current_database()"


def rows(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def unsaid(home: Home) -> list[tuple[object, ...]]:
    """Published tables and columns without a comment."""
    return rows(home, UNSAID.replace("where", f"where {OWN} and"))


def comment(home: Home, table: str) -> str:
    found = rows(
        home, f"select comment from duckdb_tables() where {OWN} and table_name = '{table}'"
    )
    return str(found[0][0])


def test_every_published_table_and_column_is_described(published: Home) -> None:
    assert unsaid(published) == []
    assert comment(published, "fct_orders").startswith("One row per shop order")
    column = f"{OWN} and table_name = 'fct_orders' and column_name = 'city'"
    assert rows(published, f"select comment from duckdb_columns() where {column}") == [
        ("City of the receiver, or of the seat.",)
    ]


def test_what_newer_code_describes_and_the_clone_lacks_is_left_out(home: Home) -> None:
    publishing.clone(home)
    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute("alter table sales.agg_sales_daily drop column gmv_amount")
    assert "agg_sales_daily" in descriptions.write(home, anew=True)


def test_a_refresh_keeps_comments_and_describes_what_lost_them(home: Home) -> None:
    home.published.chmod(0o644)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("comment on table sales.agg_sales_daily is 'of earlier code'")
        connection.execute("comment on table core.fct_orders is null")
        connection.execute("comment on column core.fct_orders.city is null")
    deliver_day(home, DAYS[1])
    assert pipeline.run(home).outcome == "published"
    assert unsaid(home) == []
    assert comment(home, "agg_sales_daily") == "of earlier code"
    home.published.chmod(0o644)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update meta.generation set code_fingerprint = 'earlier code'")
    assert pipeline.run(home).outcome == "published"
    assert comment(home, "agg_sales_daily").startswith("One row per")
