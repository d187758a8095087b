"""A row that breaks the contract goes to quarantine, with a sentence that names the column."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.ingestion.contract import Column
from orchestration.ingestion.rules import typed

from .conftest import GOOD, PRODUCTS, Room

GOOD_LINE = {
    "line_id": "l1",
    "order_id": "o1",
    "product_id": "p1",
    "channel": "live",
    "item_count": "1",
    "order_amount": "100",
    "pay_amount": "100",
    "updated_at": "2021-08-01",
}
LINE = ",".join(GOOD_LINE)


def line(**values: str) -> str:
    """Return a good order line with some values replaced."""
    return ",".join((GOOD_LINE | values).values())


BAD_VALUES = {
    "pay_amount": {
        "12.5": "'12.5' is not a whole number of 64 bits",
        "12.0": "is not a whole number",
        "1e3": "is not a whole number",
        "1e308": "'1e308' is not a whole number",
        "NaN": "is not a whole number",
        "inf": "is not a whole number",
        "0x10": "is not a whole number",
        "1_000": "is not a whole number",
        " 7": "is not a whole number",
        "９": "is not a whole number",  # noqa: RUF001 (a full-width digit)
        "9223372036854775808": "is not a whole number of 64 bits",
        "-1": "pay_amount '-1' lies outside 0 to 1000000000000",
        "1000000000001": "lies outside 0 to 1000000000000",
        "": "pay_amount is missing",
    },
    "channel": {
        "tv": "channel 'tv' is not one of live, video, shelf, unknown",
        "": "channel is missing",
        "LIVE": "is not one of",
    },
    "line_id": {
        "": "line_id is missing",
        " ": "line_id is empty",
        "a:b": "line_id 'a:b' holds a colon or a control character",
        "a\tb": "line_id 'a?b' holds a colon or a control character",
        "a\x85b": "holds a colon or a control character",
        "a\0b": "holds a colon or a control character",
        " a": "line_id ' a' holds a colon or a control character, or begins or ends with a space",
        "a ": "or begins or ends with a space, which no id may",
        "a\u3000": "or begins or ends with a space, which no id may",
    },
    "updated_at": {
        "yesterday": "updated_at 'yesterday' is not a timestamp",
        "1627776000": "is not a timestamp",
        "0022-08-01 00:00:00": "'0022-08-01 00:00:00' lies outside 2000-01-01 to 2100-01-01",
        "2100-01-01": "lies outside",
        "2021-02-29": "is not a timestamp",
        "infinity": "is not a timestamp",
        "epoch": "is not a timestamp",
        "2021-08-01 08:00:00 Asia/Shanghai": "is not a timestamp",
        "01/08/2021": "is not a timestamp",
        "2021-08-01 08:00:00+99:99": "is not a timestamp",
        "2021-08-01 08:00:00+15:00": "is not a timestamp",
        "2021-08-01 08:00:00+08:75": "is not a timestamp",
    },
}


def test_each_bad_value_is_quarantined_with_its_reason(room: Room) -> None:
    cases = [
        (column, value, reason)
        for column, values in BAD_VALUES.items()
        for value, reason in values.items()
    ]
    rows = [line(**{column: value}) for column, value, _ in cases]
    path = room.put("\n".join([LINE, *rows, line()]) + "\n", feed="order_lines")
    report = room.ingest()
    assert room.status(path)[0] == "loaded"
    found = room.reasons()
    assert [number for number, _, _ in found] == list(range(1, len(cases) + 1))
    wrong = [
        (case, row)
        for case, row in zip(cases, found, strict=True)
        if row[1] != case[0] or case[2] not in row[2]
    ]
    assert wrong == []
    assert room.one("select count(*) from raw.order_lines") == 1
    assert (report.rows_read, report.rows_accepted) == (len(cases) + 1, 1)
    assert report.problems[0].row == 1


def test_a_sum_that_no_64_bits_hold_is_a_bad_row_like_any_other(room: Room) -> None:
    names = "order_id,merchant_id,order_status,order_amount,pay_amount,freight_amount"
    names += ",promotion_amount,promotion_shop_amount,promotion_platform_amount"
    names += ",promotion_creator_amount,created_at,updated_at"
    large = 2**63 - 1
    for name in ("o1", "o2"):
        amounts = f"100,100,0,1,{large if name == 'o2' else 1},{large if name == 'o2' else 0},0"
        row = f"{name},m1,5,{amounts},2021-08-01,2021-08-01"
        room.put(f"{names}\n{row}\n", f"{name}.csv", feed="orders")
    assert room.ingest().rejected == 0
    ((number, column, reason),) = room.reasons()
    assert (number, column) == (1, "promotion_shop_amount")
    assert "promotion_amount is not the sum of its shop, platform and creator part" in reason
    assert room.all("select order_id from raw.orders") == [("o1",)]


@pytest.mark.parametrize("unit", ["us", "ms"])
def test_a_time_beyond_every_calendar_is_a_bad_value_and_stops_no_other_row(
    room: Room, unit: str
) -> None:
    last = 2**63 - 2 if unit == "us" else (2**63 - 2) // 1000
    good = 1_627_776_000_000_000 if unit == "us" else 1_627_776_000_000
    table = pa.table(
        {
            "product_id": ["p1", "p2", "p3"],
            "merchant_id": ["m1"] * 3,
            "category_id": ["food"] * 3,
            "updated_at": pa.array([last, -last, good], pa.timestamp(unit, tz="UTC")),
        }
    )
    path = room.parquet(table)
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert [(row, column) for row, column, _ in room.reasons()] == [
        (1, "updated_at"),
        (2, "updated_at"),
    ]
    assert room.all("select product_id from raw.products") == [("p3",)]


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_time_that_can_not_be_printed_is_quarantined(
    room: Room, unit: str, zone: str | None
) -> None:
    table = pa.table(
        {
            "product_id": ["p1", "p2"],
            "merchant_id": ["m1", None],
            "category_id": ["food"] * 2,
            "updated_at": pa.array([-(2**63), None], pa.timestamp(unit, tz=zone)),
        }
    )
    room.parquet(table)
    room.products(GOOD, name="z.csv")
    assert room.ingest().loaded == 2
    assert [(row, column) for row, column, _ in room.reasons()] == [
        (1, "updated_at"),
        (2, "merchant_id"),
    ]
    texts = room.all("select row_text from raw.quarantine order by row_number")
    assert [json.loads(text)["updated_at"] is None for (text,) in texts] == [False, True]


def test_what_can_not_be_loaded_for_a_value_is_rejected_and_the_rest_goes_on(
    room: Room,
) -> None:
    seen = pa.struct([("at", pa.timestamp("us"))])
    table = pa.table(
        {
            "product_id": ["p1"],
            "merchant_id": [""],
            "category_id": ["food"],
            "updated_at": ["2021-08-01"],
            "seen": pa.array([{"at": -(2**63)}], seen),
        }
    )
    path = room.parquet(table)
    room.products(GOOD, name="z.csv")
    assert room.ingest().loaded == 1
    status, reason = room.status(path)
    assert (status, reason.partition(":")[0]) == ("rejected", "can't be loaded")


def test_a_value_that_can_not_be_read_is_laid_to_its_column(room: Room) -> None:
    table = pa.table(
        {
            "product_id": ["p1"],
            "merchant_id": ["m1"],
            "category_id": ["food"],
            "updated_at": pa.array([2**62], pa.timestamp("ms")),
        }
    )
    path = room.parquet(table)
    room.products(GOOD, name="z.csv")
    assert room.ingest().loaded == 1
    status, reason = room.status(path)
    assert (status, reason.endswith("(in the column updated_at)")) == ("rejected", True), reason


def test_a_currency_is_a_code_and_an_empty_text_is_none(room: Room) -> None:
    spent = {"ad_spend_id": "a", "spend_amount": 5, "spent_at": "2021-08-01"}
    rows = [
        {**spent, "updated_at": "2021-08-01", "currency_code": code} for code in ("", "cny", "CNY")
    ]
    room.put("\n".join(map(json.dumps, rows)), "a.jsonl", feed="ad_spend")
    room.ingest()
    assert room.reasons() == [
        (1, "currency_code", "currency_code is missing"),
        (2, "currency_code", "currency_code 'cny' is no currency code of three capital letters"),
    ]


def test_a_report_quotes_no_value_for_reports_are_kept(room: Room) -> None:
    room.put("\n".join([LINE, line(pay_amount="186-55310-27794")]) + "\n", feed="order_lines")
    (problem,) = room.ingest().problems
    assert problem.reason == "pay_amount '…' is not a whole number of 64 bits"
    assert "186-55310-27794" in room.reasons()[0][2]


def test_values_that_look_odd_but_are_right_are_accepted(room: Room) -> None:
    rows = [
        line(line_id="with space", pay_amount="+5"),
        line(line_id="'quoted'", pay_amount="007"),
        line(line_id="汉字", updated_at="2021-08-01T08:00:00.123456Z"),
    ]
    room.put("\n".join([LINE, *rows]), feed="order_lines")
    assert room.ingest().problems == []
    assert room.all("select line_id, pay_amount from raw.order_lines order by _row_number") == [
        ("with space", 5),
        ("'quoted'", 7),
        ("汉字", 100),
    ]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2021-08-01T08:00:00+08:00", 0),
        ("2021-08-01 08:00:00+0800", 0),
        ("2021-08-01T08:00:00+08", 0),
        ("2021-08-01T03:00:00-05:00", 8),
        ("2021-08-01T08:00:00Z", 8),
        ("2021-08-01 08:00:00", 8),
        ("2021-08-01T08:00", 8),
        ("2021-08-01", 0),
    ],
)
def test_an_offset_is_kept_and_its_absence_means_utc(room: Room, text: str, hour: int) -> None:
    room.connection.execute("set TimeZone = 'America/New_York'")
    room.products(f"p1,m1,food,{text}")
    assert room.ingest().problems == []
    query = "select updated_at = timestamp '2021-08-01' + to_hours(?) from raw.products"
    assert room.one(query, hour)


def parquet(room: Room, tmp_path: Path, select: str, feed: str) -> str:
    """Put the result of a select as a Parquet file."""
    file = tmp_path / "typed.parquet"
    duckdb.execute(f"set TimeZone = 'Asia/Shanghai'; copy ({select}) to '{file}'")
    return room.put(file.read_bytes(), "typed.parquet", feed)


def test_typed_values_are_not_rounded_or_shifted(room: Room, tmp_path: Path) -> None:
    base = "'o' as order_id, 'p' as product_id, 'live' as channel, 1 as item_count"
    select = f"""
        select unnest(['l1', 'l2', 'l3', 'l4', 'l5', 'l6']) as line_id, {base},
            100::hugeint as order_amount,
            unnest([12.0, 12.5, 'nan', 'inf', 1e308, -1.0]::double[]) as pay_amount,
            timestamptz '2021-08-01 08:00:00+08' as updated_at
    """
    parquet(room, tmp_path, select, "order_lines")
    room.ingest()
    assert room.all("select line_id, pay_amount, updated_at::varchar from raw.order_lines") == [
        ("l1", 12, "2021-08-01 00:00:00")
    ]
    assert [(number, column) for number, column, _ in room.reasons()] == [
        (number, "pay_amount") for number in range(2, 7)
    ]


def test_unix_seconds_are_no_timestamp_and_doubles_no_ids(room: Room, tmp_path: Path) -> None:
    select = (
        "select 12.0::double as product_id, 5 as merchant_id, 'c' as category_id,"
        " 1627776000 as updated_at"
    )
    parquet(room, tmp_path, select, "products")
    room.ingest()
    ((_, column, reason),) = room.reasons()
    assert column == "product_id"
    assert "product_id '12.0' is not text" in reason
    assert "updated_at '1627776000' is not a timestamp" in reason


IDS = {
    "text": ("'12345.0'", "12345.0"),
    "json text": ("'[1,2]'", "[1,2]"),
    "integer": ("9223372036854775807", "9223372036854775807"),
    "unsigned": ("12::utinyint", "12"),
    "uuid": ("uuid '7f3d1c2e-0000-4000-8000-000000000001'", "7f3d1c2e-0000-4000-8000-000000000001"),
    "float": ("12::float", None),
    "decimal": ("12::decimal(20, 0)", None),
    "list": ("[1, 2]", None),
    "list of decimals": ("[1.5]", None),
    "struct": ("{'a': 1}", None),
    "json": ("'[1,2]'::json", None),
    "boolean": ("true", None),
    "date": ("date '2021-08-01'", None),
    "timestamp": ("timestamp 'infinity'", None),
    "bytes": ("'ab'::blob", None),
}


@pytest.mark.parametrize("kind", IDS)
def test_an_id_is_text_or_a_whole_number(room: Room, tmp_path: Path, kind: str) -> None:
    value, expected = IDS[kind]
    select = (
        f"select {value} as product_id, 'm1' as merchant_id, 'c' as category_id,"
        " timestamp '2021-08-01' as updated_at"
    )
    path = parquet(room, tmp_path, select, "products")
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert room.all("select product_id from raw.products") == ([(expected,)] if expected else [])
    for row, column, reason in room.reasons():
        assert (row, column) == (1, "product_id")
        assert "is not text or a whole number" in reason


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("float", "16777215", 16777215),
        ("float", "16777217", None),
        ("double", "9007199254740991", 9007199254740991),
        ("double", "9007199254740993", None),
        ("decimal(20, 0)", "9007199254740993", 9007199254740993),
        ("decimal(20, 0)", "-9223372036854775808", -(2**63)),
        ("decimal(20, 0)", "9223372036854775808", None),
        ("decimal(38, 2)", "9007199254740993.00", 9007199254740993),
        ("decimal(38, 2)", "9007199254740993.50", None),
        ("decimal(5, 2)[]", "[1]", None),
    ],
)
def test_a_number_is_whole_only_where_its_type_holds_it_exactly(
    kind: str, value: str, expected: int | None
) -> None:
    whole = typed(Column("amount", "bigint"), kind.upper())
    query = f"select {whole} from (select '{value}'::{kind} as \"delivered amount\")"
    assert duckdb.execute(query).fetchall() == [(expected,)]


@pytest.mark.parametrize("kind", ["decimal(5, 2)", "double", "timestamp", "date", "varchar"])
def test_a_list_is_no_value_of_any_column_and_stops_no_other_file(
    room: Room, tmp_path: Path, kind: str
) -> None:
    given = f"[null::{kind}]"
    select = (
        f"select 'c1' as customer_id, {given} as birth_year, {given} as registered_at,"
        " timestamp '2021-08-01' as updated_at"
    )
    parquet(room, tmp_path, select, "customers")
    room.products(GOOD, name="z.csv")
    report = room.ingest()
    assert (report.loaded, report.rejected) == (2, 0)
    ((row, column, reason),) = room.reasons()
    assert (row, column) == (1, "birth_year")
    assert "registered_at '[NULL]' is not a timestamp" in reason


def test_booleans_are_true_false_one_or_zero(room: Room) -> None:
    rows = [
        f"p{n},m1,food,2021-08-01,{value}"
        for n, value in enumerate(("true", "False", "1", "0", "yes"))
    ]
    room.put("\n".join([f"{PRODUCTS},is_rose", *rows]))
    room.ingest()
    assert [
        row[0] for row in room.all("select is_rose from raw.products order by _row_number")
    ] == [
        True,
        False,
        True,
        False,
    ]
    assert room.reasons()[0][2] == "is_rose 'yes' is not true, false, 1 or 0"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("'2021-08-01'", "2021-08-01"), ("'2021-08-01 00:00'", None), ("'1-1-1'", None)],
)
def test_a_date_is_a_date_only(value: str, expected: str | None) -> None:
    given = typed(Column("day", "date"), "VARCHAR")
    query = f'select ({given})::varchar from (select {value} as "delivered day")'
    assert duckdb.execute(query).fetchall() == [(expected,)]


def test_a_check_over_several_columns_names_the_column(room: Room) -> None:
    header = "claim_id,claim_type,claim_status,refund_status,refund_amount,applied_at,updated_at"
    room.put(f"{header}\nc1,0,12,3,500,2021-08-01,2021-08-01\n", feed="claims")
    room.ingest()
    assert room.reasons() == [
        (1, "refunded_at", "refunded_at is missing although the refund succeeded")
    ]


def test_all_reasons_of_a_row_stand_in_one_line(room: Room) -> None:
    room.products("p:1,,food,never")
    room.ingest()
    ((_, column, reason),) = room.reasons()
    assert column == "product_id"
    assert reason.count(";") == 2
    for name in ("product_id", "merchant_id", "updated_at"):
        assert name in reason


def test_the_quarantined_row_stands_there_whole_with_its_place(room: Room) -> None:
    path = room.put(f"{PRODUCTS},shelf\n{GOOD},1\np2,,food,2021-08-01 08:00:00,two\n")
    room.ingest()
    (row,) = room.all("select * from raw.quarantine")
    assert (row[1], row[2], str(row[3]), row[4], row[5]) == (
        "native",
        "products",
        "2021-08-12",
        path,
        2,
    )
    assert json.loads(row[9]) == {
        "product_id": "p2",
        "merchant_id": None,
        "category_id": "food",
        "updated_at": "2021-08-01 08:00:00",
        "shelf": "two",
    }


def test_a_value_about_a_person_is_never_shown_in_a_reason(room: Room) -> None:
    header = "customer_id,customer_name,birth_year,updated_at"
    room.put(f"{header}\nsecret:1,Li Lei\0,1800,2021-08-01\n", feed="customers")
    report = room.ingest()
    ((_, _, reason),) = room.reasons()
    assert "customer_id (value not shown) holds a colon" in reason
    assert "customer_name holds a NUL character" in reason
    assert "birth_year '1800' lies outside" in reason
    assert "secret" not in reason
    assert "Li Lei" not in repr(report)


def test_a_long_value_is_shortened_in_a_reason(room: Room) -> None:
    room.products(f"{'x:' * 500},m1,food,2021-08-01")
    room.ingest()
    assert f"'{'x:' * 20}...'" in room.reasons()[0][2]


def test_a_nul_is_found_in_any_column(room: Room) -> None:
    room.put(f"{PRODUCTS},product_name,extra\n{GOOD},a\0b,\n{GOOD},,c\0d\n")
    room.ingest()
    assert room.reasons() == [
        (1, "product_name", "product_name holds a NUL character"),
        (2, "extra", "extra holds a NUL character"),
    ]


def test_the_same_key_twice_in_a_file_is_two_versions(room: Room) -> None:
    room.products(GOOD, GOOD)
    room.ingest()
    assert room.all("select product_id, _row_number from raw.products order by all") == [
        ("p1", 1),
        ("p1", 2),
    ]


def test_the_currency_is_the_sources_unless_delivered(room: Room) -> None:
    header = "claim_id,claim_type,claim_status,applied_at,updated_at"
    row = "0,12,2021-08-01,2021-08-01"
    room.put(f"{header}\nc1,{row}\n", "a.csv", feed="claims")
    room.put(f"{header},currency_code\nc2,{row},USD\nc3,{row},\n", "b.csv", feed="claims")
    room.ingest()
    assert room.all("select claim_id, currency_code from raw.claims order by all") == [
        ("c1", "CNY"),
        ("c2", "USD"),
    ]
    assert room.reasons() == [(2, "currency_code", "currency_code is missing")]


def test_control_totals_count_the_accepted_rows_only(room: Room) -> None:
    rows = [line(pay_amount="40"), line(pay_amount="60"), line(pay_amount="1000", channel="tv")]
    room.put("\n".join([LINE, *rows]), feed="order_lines")
    room.ingest()
    assert room.all("select * from raw.control_totals order by total_name") == [
        (1, "order_lines", "item_count", 2),
        (1, "order_lines", "order_amount", 200),
        (1, "order_lines", "pay_amount", 100),
    ]
    assert room.all("select * from raw.delivery_entities") == [(1, "order_lines", 2)]
