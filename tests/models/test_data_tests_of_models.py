"""Every data test of the project fails, or warns, over data that it must not accept."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from orchestration import transform
from orchestration.home import Home

# What the singular tests look for; the generic ones meet nulls and nonsense in every relation.
CONTRADICTIONS = """
insert into marts.core.fct_claims by name
    select 'c1' as claim_id, true as is_refunded, 1.00 as refund_amount;
insert into marts.core.fct_orders by name select 'o1' as order_id, 2.00 as pay_amount;
insert into marts.core.fct_order_lines by name select 'o1' as order_id, 1.00 as pay_amount;
insert into marts.sales.agg_gmv_daily by name select 'CNY' as currency_code, 1.00 as gmv_amount;
"""
TABLES = """
select
    concat_ws('.', database_name, schema_name, table_name) as relation,
    list(column_name) filter (where data_type = 'VARCHAR') as texts,
from duckdb_columns()
where not internal
    and schema_name not in ('changes', 'staging', 'seeds')
group by relation, schema_name
having schema_name <> 'raw'
    or (bool_or(column_name = 'source') and bool_or(column_name = '_row_number'))
order by relation
"""


def spoil(home: Home) -> None:
    """Put nonsense into every table, twice into every other one, beside nulls in the rest."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"attach '{home.marts_next}' as marts")
        connection.execute("insert into raw.deliveries (delivery_id, path) values (1, 'a.csv')")
        for number, (relation, texts) in enumerate(tables(connection)):
            is_delivered = relation.startswith("warehouse.raw.")
            values = [f"'nonsense in {relation}' as {column}" for column in texts]
            values += ["1 as _delivery_id"] if is_delivered else []
            nonsense = f"insert into {relation} by name select {', '.join(values)}"
            nulls = f"insert into {relation} by name select null as {texts[0]}"
            connection.execute(nonsense)
            connection.execute(nonsense if is_delivered or number % 2 else nulls)
        connection.execute(CONTRADICTIONS)


def tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str]]]:
    """Delivered entities and what dbt built, each with its text columns."""
    return connection.execute(TABLES).fetchall()


def test_every_data_test_notices_what_it_is_there_for(built_home: Home, tmp_path: Path) -> None:
    home = Home(Path(shutil.copytree(built_home.root, tmp_path / "home")))
    spoil(home)

    result = transform.invoke(home, ["test", "--select", "test_type:data"])

    declared = {
        node["unique_id"]
        for node in transform.manifest(home)["nodes"].values()
        if node["resource_type"] == "test"
    }
    noticed = {node.unique_id for node in result.nodes if node.status in ("fail", "warn")}
    assert declared - noticed == set()
    assert declared
