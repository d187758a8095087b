"""Payment channels: the platform's account, the fee, and the ways of paying that go through it."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

_FILE = Path(__file__).with_name("channels.csv")


def make_channels(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `money.channels` and `money.pay_types` from the table beside this file."""
    with _FILE.open(encoding="utf-8", newline="") as reader:
        rows = list(csv.DictReader(reader))
    connection.execute(
        "create or replace table money.channels"
        " (pay_channel varchar, account_id varchar, fee_per_10000 bigint)"
    )
    connection.execute(
        "create or replace table money.pay_types (pay_type bigint, pay_channel varchar)"
    )
    for row in rows:
        channel = row["pay_channel"]
        connection.execute(
            "insert into money.channels values ($1, $2, $3)",
            [channel, row["account_id"] or None, int(row["fee_per_10000"])],
        )
        for pay_type in row["pay_types"].split():
            connection.execute("insert into money.pay_types values ($1, $2)", [pay_type, channel])
