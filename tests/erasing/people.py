"""A small platform with one more customer, whose personal data is easily found wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration import erasing, pipeline
from orchestration.erasing import Erased
from orchestration.home import Home
from tests.ingestion.bills import PAYMENT, REFUND_OUT, REFUNDED, alipay, wechat
from tests.small_landing import DAYS, deliver_day, put

PERSON = "cust-Vq83hTzLm"
NAME = "Zxq7Wv Kjp2Qmb"
PHONE = "186-55310-27794"
ADDRESS = "Yrw9 街 40817, gate Xkz"
PLANTED = (PERSON, NAME, PHONE, ADDRESS)
MARK = "not built again since it was marked"
STAMPS = {"created_at": f"{DAYS[0]}T04:00:00Z", "updated_at": f"{DAYS[0]}T05:00:00Z"}


def order(order_id: str, **changed: object) -> dict[str, object]:
    """An order of the person."""
    return {
        "order_id": order_id,
        "merchant_id": "m1",
        "customer_id": PERSON,
        "order_status": 5,
        "order_amount": 3000,
        "pay_amount": 3000,
        "freight_amount": 0,
        "receiver_name": NAME,
        "receiver_phone": PHONE,
        "receiver_address": ADDRESS,
        "paid_at": f"{DAYS[0]}T04:01:00Z",
        **STAMPS,
        **changed,
    }


def customer(**changed: object) -> dict[str, object]:
    """The person's own row."""
    return {
        "customer_id": PERSON,
        "customer_name": NAME,
        "phone": PHONE,
        "gender": "male",
        "updated_at": STAMPS["updated_at"],
        **changed,
    }


def deliver_person(home: Home) -> None:
    """Deliver all kinds of files that name the person: good, broken, corrected, unreadable."""
    deliver_day(home, DAYS[0])
    put(home, "customers", DAYS[0], [customer()], "person.csv")
    shifted = order("p-2", order_amount="much", pay_amount=PHONE)
    put(home, "orders", DAYS[0], [order("p-1"), shifted], "person.csv")
    put(home, "orders", DAYS[1], [order("p-1", customer_id="", pay_amount=2000)], "nobodys.csv")
    deliver_bills(home)
    folder = home.landing / "native" / "orders" / f"dt={DAYS[0]}"
    (folder / "torn.parquet").write_text(f"PAR1 {PERSON} {NAME} {PHONE}")
    (folder / "ragged.csv").write_text(
        f"{','.join(order('p-3'))}\n{','.join(map(str, order('p-3').values()))},one,too,many\n"
    )


def deliver_bills(home: Home) -> None:
    """Deliver bills that name the person in columns that no mapping reads, and a torn one."""
    named = home.landing / "wechat_pay" / "trade_bill_all" / "dt=2021-07-01" / "bill.csv"
    named.parent.mkdir(parents=True)
    named.write_bytes(wechat(PAYMENT, replace(REFUNDED, goods=PERSON)))
    bill = alipay(REFUND_OUT).replace("张青".encode("gb18030"), NAME.encode())
    landed = home.landing / "alipay" / "account_bill" / "dt=2021-07-01" / "bill.csv"
    landed.parent.mkdir(parents=True)
    landed.write_bytes(bill)
    torn = alipay(REFUND_OUT, footer=False).replace(
        "张青".encode("gb18030"), ADDRESS.encode("gb18030")
    )
    landed.with_name("torn.csv").write_bytes(torn)


def erase(home: Home, *customers: str) -> Erased:
    """Erase as the command does."""
    with pipeline.opened(home, "erase", wait=0) as opened:
        done = erasing.erase(home, customers or (PERSON,), "dpo")
        opened.finish("erased", "done")
    return done


def restating_tables(database: Path) -> list[tuple[object, ...]]:
    """The tables of the models that restate, with their comments."""
    return rows(
        database,
        "select schema_name || '.' || table_name, comment from duckdb_tables()"
        " where schema_name != 'changes' and table_name in (select model from changes.heads)",
    )


def mark_tables(database: Path) -> None:
    """Comment on the tables of the models; a table that is built again loses its comment."""
    tables = restating_tables(database)
    with duckdb.connect(str(database)) as connection:
        for table, _ in tables:
            connection.execute(f"comment on table {table} is '{MARK}'")


def naming(home: Home, planted: tuple[str, ...] = PLANTED) -> set[str]:
    """Files below a home, but for the landing, whose bytes hold what was planted."""
    return {
        path.relative_to(home.root).as_posix()
        for path in home.root.rglob("*")
        if path.is_file()
        and home.landing not in path.parents
        and any(text.encode() in path.read_bytes() for text in planted)
    }


def in_plain(database: Path, folder: Path) -> bytes:
    """The bytes of a copy of a database in which no string is compressed."""
    copy = folder / "plain.duckdb"
    with duckdb.connect(":memory:") as connection:
        connection.execute("pragma force_compression = 'uncompressed'")
        connection.execute(f"attach '{database}' as {database.stem} (read_only)")
        connection.execute(f"attach '{copy}' as plain")
        connection.execute(f"copy from database {database.stem} to plain")
        connection.execute("checkpoint plain")
    found = copy.read_bytes()
    copy.unlink()
    return found


def cells(home: Home) -> Iterator[tuple[str, str]]:
    """Every column of text of the warehouse with everything that stands in it."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where data_type = 'VARCHAR'"
        ).fetchall()
        for schema, table, column in columns:
            query = f'select string_agg("{column}", chr(10)) from "{schema}"."{table}"'
            row = connection.execute(query).fetchone()
            yield f"{schema}.{table}.{column}", (row and row[0]) or ""


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    """What a query yields of a database that nobody has open."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{database}' as db (read_only)")
        connection.execute("use db")
        return connection.execute(query).fetchall()
