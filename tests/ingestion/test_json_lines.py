"""JSON lines are taken as they are written; a bad line is named and the others stay."""

from __future__ import annotations

import json

import pytest

from orchestration.ingestion import json_reader
from orchestration.ingestion.staging import Refusal, Staging

from .conftest import Room

GOOD = {"product_id": "p1", "merchant_id": "m1", "category_id": "food", "updated_at": "2021-08-01"}


def text(**values: object) -> str:
    """Return a good product as a line, with some values replaced."""
    return json.dumps(GOOD | values, ensure_ascii=False)


def test_numbers_booleans_and_nested_values_stay_exact(room: Room) -> None:
    line = text(is_rose=True, product_name="é")[:-1]
    room.put(
        f'{line}, "brand_name": {{"a": [1.10, 12345678901234567890, "x", null, true]}}}}\n',
        "a.jsonl",
    )
    assert room.ingest().problems == []
    assert room.all("select product_name, brand_name, is_rose from raw.products") == [
        ("é", '{"a":[1.10,12345678901234567890,"x",null,true]}', True)
    ]


def test_a_whole_number_of_64_bits_keeps_every_digit(room: Room) -> None:
    room.put(
        '{"customer_id":9223372036854775807,"birth_year":1990,"updated_at":"2021-08-01"}\n'
        '{"customer_id":1,"birth_year":1990.0,"updated_at":"2021-08-01"}\n',
        "a.jsonl",
        feed="customers",
    )
    room.ingest()
    assert room.all("select customer_id, birth_year from raw.customers") == [
        ("9223372036854775807", 1990)
    ]
    assert "birth_year '1990.0' is not a whole number" in room.reasons()[0][2]


BAD_LINES = [
    ("{", "line 2: no JSON: "),
    ("[1]", "line 2: no JSON object"),
    ("12", "line 2: no JSON object"),
    ('{"a": NaN}', "line 2: holds NaN, which is no JSON number"),
    ('{"a": 1, "a": 2}', "line 2: names the key a twice"),
    ('{"a": 1, "A": 2}', "line 2: names a key twice in different case"),
    ('{"_row_number": 1}', "line 2: the key '_row_number' can't be the name of a column"),
    ('{"": 1}', "can't be the name of a column"),
    ('{"a\\u0000": 1}', "can't be the name of a column"),
    ("[" * 100_000, "line 2: nested too deeply"),
    ('{"a":' * 700 + "1" + "}" * 700, "line 2: nested too deeply"),
    ('{"brand_name": "\\ud800"}', "line 2: brand_name is not UTF-8 at byte 1"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_is_named_and_the_others_stay(room: Room, line: str, reason: str) -> None:
    room.put(f"{text()}\n{line}\n\n{text(product_id='p2')}", "a.jsonl")
    report = room.ingest()
    assert reason in room.reasons()[0][2]
    assert room.all("select product_id, _row_number from raw.products") == [("p1", 1), ("p2", 3)]
    assert (report.rows_read, report.rows_quarantined) == (3, 1)


@pytest.mark.parametrize(
    "value", ["[1,2]", '{"a": 1}', "true", "12345.0", "1e3", "[]", "-1.5"], ids=str
)
def test_an_id_is_text_or_a_whole_number(room: Room, value: str) -> None:
    odd = text().replace('"p1"', value)
    room.put(f"{text(product_id='12345.0')}\n{text(product_id=-7)}\n{odd}", "a.jsonl")
    room.ingest()
    assert room.all("select product_id from raw.products order by all") == [("-7",), ("12345.0",)]
    assert room.reasons() == [(3, "product_id", "line 3: product_id is not text or a whole number")]
    assert room.one("select row_text from raw.quarantine") == odd


NO_GOOD_LINE: dict[str, tuple[str | bytes, str]] = {
    "array": (f"[{text()}]", "no line can be read: line 1: no JSON object"),
    "pretty": (json.dumps(GOOD, indent=2), "no line can be read: line 1: no JSON: "),
    "utf16": (text().encode("utf-16"), "no line can be read: line 1: no JSON: "),
    "nan": (f"\n{text(price=float('nan'))}\n", "line 2: holds NaN, which is no JSON number"),
    "two": (text() + text(), "line 1: no JSON: Extra data at character 93"),
    "garbage": (b"\x80\0\x7f\n" * 3, "no line can be read: line 1: no JSON: "),
    "latin": (text(brand_name="é").encode("latin-1"), "line 1: brand_name is not UTF-8 at byte 1"),
    "blank": ("\n \r\n\t", "the file has no line: deliver no rows as CSV or Parquet"),
}


@pytest.mark.parametrize("name", NO_GOOD_LINE)
def test_a_file_without_a_good_line_is_rejected_for_its_first(room: Room, name: str) -> None:
    content, reason = NO_GOOD_LINE[name]
    path = room.put(content, "a.jsonl")
    room.ingest()
    status, found = room.status(path)
    assert (status, reason in found) == ("rejected", True), found
    assert room.all("from raw.quarantine") == []


def test_bytes_that_are_not_utf8_are_named_with_their_column(room: Room) -> None:
    line = text(brand_name="ab~").encode().replace(b"~", b"\xff")
    room.put(line + b"\n" + text().encode(), "a.ndjson")
    room.ingest()
    assert room.reasons() == [(1, "brand_name", "line 1: brand_name is not UTF-8 at byte 3")]
    assert "ab\\xff" in room.one("select row_text from raw.quarantine")


def test_a_nul_in_a_value_is_quarantined(room: Room) -> None:
    room.put(text(brand_name="a\0b"), "a.jsonl")
    room.ingest()
    assert room.reasons() == [(1, "brand_name", "brand_name holds a NUL character")]


def test_a_key_may_appear_late_and_in_other_case(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "BATCH", 2)
    lines = [text(product_id=f"p{number}") for number in range(5)]
    room.put("\n".join([*lines, text(product_id="last", Brand_Name="x")]), "a.jsonl")
    room.ingest()
    query = "select product_id, _row_number from raw.products where brand_name is not null"
    assert room.all(query) == [("last", 6)]
    assert room.one("select count(*) from raw.products") == 6


@pytest.mark.parametrize(("batch", "text_size"), [(2, 1 << 20), (1000, 1)])
def test_bad_lines_are_not_all_kept_in_memory(
    room: Room, monkeypatch: pytest.MonkeyPatch, batch: int, text_size: int
) -> None:
    monkeypatch.setattr(json_reader, "BATCH", batch)
    monkeypatch.setattr(json_reader, "BATCH_TEXT", text_size)
    counts: list[int] = []
    refuse = Staging.refuse

    def count(staging: Staging, refusals: list[Refusal]) -> None:
        counts.append(len(refusals))
        refuse(staging, refusals)

    monkeypatch.setattr(Staging, "refuse", count)
    room.put("\n".join([text(), *["{"] * 9]), "a.jsonl")
    assert room.ingest().rows_quarantined == 9
    assert max(counts) <= 2


def test_a_file_of_endless_keys_is_rejected(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader, "COLUMN_LIMIT", 5)
    path = room.put(text(a=1, b=2), "a.jsonl")
    room.ingest()
    assert room.status(path) == ("rejected", "the lines name more than 5 distinct keys")
