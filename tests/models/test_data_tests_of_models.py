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
insert into marts.livestream.fct_livestream_sessions by name
    select 's1' as session_id, 1.00 as gmv_amount;
insert into marts.merchants.dim_score_parameters by name select 31 as window_days;
insert into marts.sales.agg_gmv_daily by name select 'CNY' as currency_code, 1.00 as gmv_amount;
insert into marts.finance.fct_refund_reconciliation by name
    select 'c1' as chain_id, true as is_entitled, 1.00 as approved_amount, 0.00 as paid_amount;
insert into marts.finance.fct_ledger_postings by name select 'e1' as entry_id, 1.00 as amount;
"""
REPEATED = """
insert into raw.deliveries (delivery_id, path) values (1, 'a.csv'), (1, 'a.csv');
insert into raw.sources by name from raw.sources limit 1;
insert into raw.period_closes (period, event, change_seq, closed_by, is_forced, recorded_at)
    select '2021-07', 'closed', 1, 'somebody', false, timestamp '2021-08-01' from range(2);
insert into raw.frozen_postings (change_seq, posting_id, period)
    select 1, 'p1', '2021-07' from range(2);
"""
"""What the loader's own tables hold twice: a delivery, a source, a close and what it froze."""
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
        connection.execute(REPEATED)
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


WRONG = """
insert into marts.core.fct_orders by name
    select unnest(['known', 'known', 'new', 'new']) as order_id;
insert into marts.core.fct_order_lines by name
    select 'shared' as line_id, unnest(['known', 'new']) as order_id;
insert into marts.core.fct_claims by name
    select unnest(['known', 'new']) as claim_id, true as is_refunded, 1.00 as refund_amount;
"""
LOGGED = """
update marts.changes.heads set seq = seq + 1;
insert into marts.changes.fct_orders by name
    select 'new' as order_id, seq from marts.changes.heads where model = 'fct_orders';
insert into marts.changes.fct_order_lines by name
    select 'new' as order_id, seq from marts.changes.heads where model = 'fct_order_lines';
insert into marts.changes.fct_claims by name
    select 'new' as claim_id, seq from marts.changes.heads where model = 'fct_claims';
"""
AUDITED_BY_CHANGE = (
    "grain_fct_orders_order_id",
    "grain_fct_order_lines_line_id",
    "assert_refunds_add_up_to_their_claims",
)


def failures(home: Home) -> dict[str, int]:
    """The failing rows of some data tests."""
    result = transform.invoke(home, ["test", "--select", *AUDITED_BY_CHANGE])
    failed = {node.name: node.failures or 0 for node in result.nodes}
    return {name: failed[name] for name in AUDITED_BY_CHANGE}


def test_a_data_test_reads_what_changed_since_the_last_audit_that_held(
    built_home: Home, tmp_path: Path
) -> None:
    home = Home(Path(shutil.copytree(built_home.root, tmp_path / "home")))
    transform.note_audited(home)
    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute(WRONG.replace("marts.", ""))
    assert failures(home) == dict.fromkeys(AUDITED_BY_CHANGE, 0)

    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute(LOGGED.replace("marts.", ""))
    assert failures(home) == dict.fromkeys(AUDITED_BY_CHANGE, 1)

    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute("update changes.heads set reset_seq = seq")
    found = failures(home)
    assert found["grain_fct_orders_order_id"] == 2, "a model built in full is read whole"
    assert found["assert_refunds_add_up_to_their_claims"] == 2
