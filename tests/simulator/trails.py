"""A history's money trail as a warehouse would hold it, and how its lines are matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from simulator import money, world
from simulator.delivery import Faults
from simulator.parameters import BEGINNING, Parameters

PARAMETERS = Parameters(lines=20_000, seed=11, from_date=date(2021, 1, 1))
RATES = Faults().breaks
BEFORE = "2021-08-28"
"""What is due by then has all its rows."""
CHANNELS = Path(money.__file__).with_name("channels.csv")

SHARES = """
named as (
    select bill_line_id, refund_order_id, amount
    from final.channel_bill_lines
    semi join final.refund_orders using (refund_order_id)
    union all
    select bills.bill_line_id, refunds.refund_order_id, bills.amount
    from final.channel_bill_lines as bills
    inner join final.refund_orders as refunds using (channel_refund_id)
    where bills.refund_order_id is null
),

unpaid as (
    from final.refund_orders
    where route <> 'offline' and refund_order_id not in (select refund_order_id from named)
),

free as (
    from final.channel_bill_lines
    where order_id is not null and bill_line_id not in (select bill_line_id from named)
),

by_amount as (
    select free.bill_line_id, unpaid.refund_order_id, free.amount
    from free
    inner join unpaid using (order_id, pay_channel)
    where free.amount = unpaid.refund_amount
),

batches as (
    select free.bill_line_id, unpaid.refund_order_id, unpaid.refund_amount as amount
    from free
    inner join unpaid using (order_id, pay_channel)
    where free.bill_line_id not in (select bill_line_id from by_amount)
    qualify sum(unpaid.refund_amount) over (partition by free.bill_line_id) = free.amount
),

shares as (
    from named
    union all from by_amount
    union all from batches
)
"""
"""Which line pays which refund orders, found as a reconciliation would find it."""


@contextmanager
def history(rates: Mapping[str, float], threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the truth and the final state of a history with breaks by rate."""
    with duckdb.connect() as connection:
        connection.execute(f"set TimeZone = 'UTC'; set threads = {threads}")
        world.make_world(connection, PARAMETERS)
        money.make_money(connection, PARAMETERS, rates)
        make_final(connection)
        yield connection


def make_final(connection: duckdb.DuckDBPyConnection) -> None:
    """Make tables of the delivered rows as of the end."""
    connection.execute("create schema final")
    for entity in ("orders", "order_lines", "claims"):
        state = world.state_sql(entity, BEGINNING, PARAMETERS.end_at, None)
        connection.execute(f"create table final.{entity} as {state}")
    for entity in money.ENTITIES:
        state = money.state_sql(entity, BEGINNING, PARAMETERS.end_at, None)
        connection.execute(f"create table final.{entity} as {state}")
    connection.execute(
        "create table rates as select * from read_csv($1, types = {'pay_types': 'varchar'})",
        [str(CHANNELS)],
    )


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()
