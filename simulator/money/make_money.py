"""The money trail of every claim, and the breaks planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import duckdb

from simulator.money import (
    bill_lines,
    breaks,
    channels,
    fund_flows,
    insurance_policies,
    refund_orders,
)
from simulator.parameters import Parameters

CHUNK_ORDERS = 1_500_000
"""About so many orders are worked through at a time, in whole days."""


def make_money(
    connection: duckdb.DuckDBPyConnection, parameters: Parameters, rates: Mapping[str, float]
) -> None:
    """Add refund orders, bill lines, fund flows and policies to the schema `truth`.

    Works through the orders in order of their creation, a part at a time.

    Args:
        connection: Holds `truth.orders` and `truth.claims`; takes the schema `money`, too.
            Where a break is that nobody paid, `truth.claims` no longer says that it was refunded.
        parameters: Of the history.
        rates: Share of the refunded claims that carry a break, by class; the breaks that are
            planted stand in `money.planted_breaks`. What the bill lines really pay stands in
            `money.line_shares`.
    """
    seed = parameters.seed
    connection.execute("drop schema if exists money cascade; create schema money")
    channels.make_channels(connection)
    breaks.choose(connection, parameters, rates)
    steps = (refund_orders, bill_lines, fund_flows, insurance_policies)
    for step in steps:
        connection.execute(step.TABLE)
    for first, last in _chunks(connection):
        bounds = f"between timestamp '{first}' and timestamp '{last}'"
        for step in steps:
            for statement in step.statements(seed, bounds):
                connection.execute(statement)
    connection.execute(bill_lines.SHARES)
    breaks.record(connection)


def _chunks(connection: duckdb.DuckDBPyConnection) -> list[tuple[datetime, datetime]]:
    """Return stretches of order creation that together hold all orders, in order of time."""
    return connection.execute(
        f"""
        select min(first_at), max(last_at)
        from (
            select
                min(created_at) as first_at, max(created_at) as last_at,
                sum(count(*)) over (order by created_at::date) // {CHUNK_ORDERS} as chunk,
            from truth.orders
            group by created_at::date
        )
        group by chunk
        order by chunk"""
    ).fetchall()
