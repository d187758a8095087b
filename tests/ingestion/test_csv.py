"""CSV is read in one sweep or row by row, and both give the same rows."""

from __future__ import annotations

import csv
import io
import tempfile
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.ingestion import bounded, csv_reader, csv_rows, sql
from orchestration.ingestion.csv_reader import read_csv
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.staging import REFUSED, STAGED, Delivered, Staging

from .conftest import GOOD, PRODUCTS, Room

Rows = list[tuple[str | int | None, ...]]


@cache
def session() -> duckdb.DuckDBPyConnection:
    """Return a connection without a file, shared by all readings."""
    connection = duckdb.connect()
    sql.prepare_session(connection)
    connection.execute("set threads = 1")
    return connection


def read(content: bytes, *, slowly: bool = False) -> tuple[Delivered, Rows, Rows]:
    """Return what was read, the rows, and number and reason of the refused ones."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "file.csv"
        path.write_bytes(content)
        if slowly:
            patch.setattr(csv_reader, "_sweep", _refuse_to_read)
        connection = session()
        staging = Staging(connection)
        staging.clear()
        delivered = read_csv(staging, path, Path(folder))
        names = ", ".join(sql.name(name) for name, _ in delivered.columns)
        query = f"select _row_number, {names} from ({delivered.relation}) order by _row_number"
        rows = connection.execute(query).fetchall()
        refused = connection.execute(
            f"select _row_number, reason, row_text from {REFUSED} order by _row_number"
        ).fetchall()
        return delivered, rows, refused


def _refuse_to_read(*_: object, **__: object) -> Delivered:
    raise duckdb.InvalidInputException


def test_refused_rows_of_all_batches_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "BATCH", 2)
    delivered, rows, refused = read(b"a,b\n" + b"1,2\n\xff,x\n1,2,3\n4,5\n\xff,y\n" * 3)
    assert [row[0] for row in rows] == [1, 4, 6, 9, 11, 14]
    assert [row[0] for row in refused] == [2, 3, 5, 7, 8, 10, 12, 13, 15]
    assert delivered.row_count == len(rows) + len(refused)
    assert delivered.unsplit_count == len(refused)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"1,2\n3,4\n", [(1, "1", "2"), (2, "3", "4")]),
        (b"1,2\r\n3,4\r\n", [(1, "1", "2"), (2, "3", "4")]),
        (b"1,2\n\n3,4", [(1, "1", "2"), (2, "3", "4")]),
        (b'1,"x\ny"\n3,4\n', [(1, "1", "x\ny"), (2, "3", "4")]),
        (b'1,"x\r\ny"\n3,"4"""\n', [(1, "1", "x\r\ny"), (2, "3", '4"')]),
        (b'1,""\n,4\n', [(1, "1", None), (2, None, "4")]),
        (b'1, "x"\n3, 4\n', [(1, "1", ' "x"'), (2, "3", " 4")]),
        (b"1,2,\n", [(1, "1", "2")]),
        (b'1,a"b\n', [(1, "1", 'a"b')]),
        (b'"a, ""b""",2\n', [(1, 'a, "b"', "2")]),
    ],
)
@pytest.mark.parametrize("slowly", [False, True])
def test_well_formed_rows_are_read_as_they_stand(body: bytes, rows: Rows, slowly: bool) -> None:
    header = b"a,b\r\n" if b"2\r\n" in body else b"a,b\n"
    assert read(header + body, slowly=slowly)[1:] == (rows, [])


def test_a_byte_order_mark_and_old_line_ends_are_no_matter() -> None:
    rows = [(1, "1", "2"), (2, "3", "4")]
    for slowly in (False, True):
        assert read(b"\xef\xbb\xbfa,b\r1,2\r3,4\r", slowly=slowly)[1] == rows
        assert read(b'\xef\xbb\xbf"a",b\n1,2\n3,4', slowly=slowly)[1] == rows
        assert read(b"\n\na,b\n1,2\n3,4", slowly=slowly)[1] == rows


BROKEN = [
    (b"1\n", "line 3 has 1 values, the header has 2 names", "1\n"),
    (b"1,2,3\n", "line 3 has 3 values, the header has 2 names", "1,2,3\n"),
    (b'1,"2"3\n', "goes on after its closing quote", '1,"2"3\n'),
    (b"1,\xff\xfe\n", "b is not UTF-8 at byte 1", "1,\\xff\\xfe"),
    (b"1,\xc3\xa9\xe9\n", "b is not UTF-8 at byte 3", "1,é\\xe9"),
    (b"1,\xed\xa0\x80\n", "b is not UTF-8 at byte 1", "1,\\xed\\xa0\\x80"),
    (b"1,2\r3\n", "bare carriage return", "1,2\r3\n"),
]


@pytest.mark.parametrize(("line", "reason", "text"), BROKEN)
def test_a_broken_row_is_named_and_the_others_stay(line: bytes, reason: str, text: str) -> None:
    delivered, rows, refused = read(b"a,b\nx,y\n" + line + b"z,\n")
    assert rows == [(1, "x", "y"), (3, "z", None)]
    assert [(row[0], row[2]) for row in refused] == [(2, text)]
    assert reason in str(refused[0][1])
    assert (delivered.row_count, delivered.unsplit_count) == (3, 1)


def test_a_quote_that_is_never_closed_takes_the_rest_of_the_file_along() -> None:
    delivered, rows, refused = read(b'a,b\nx,y\n1,"open\nz,z\n')
    assert rows == [(1, "x", "y")]
    assert refused == [
        (
            2,
            "a quote that opens in the row of line 3 is not closed up to the file's end",
            '1,"open\nz,z\n',
        )
    ]
    assert delivered.row_count == 2


def test_a_quote_that_stays_open_for_too_long_rejects_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded, "FIELD_LIMIT", 1 << 20)
    limit = csv.field_size_limit()
    with pytest.raises(FileRejectedError, match="row of line 2 is not closed within 1 MiB"):
        read(b'a,b\n1,"' + b"x\n" * (1 << 20))
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("text", [1, 4, 100])
def test_no_more_text_than_a_batch_takes_is_kept(
    monkeypatch: pytest.MonkeyPatch, text: int
) -> None:
    monkeypatch.setattr(csv_rows, "BATCH_TEXT", text)
    counts: list[int] = []
    append = Staging.append

    def count(staging: Staging, numbers: list[int], values: list[list[str | None]]) -> None:
        counts.append(len(numbers))
        append(staging, numbers, values)

    monkeypatch.setattr(Staging, "append", count)
    assert len(read(b"a,b\n" + b"1,2\n" * 5, slowly=True)[1]) == 5
    assert counts == {1: [1] * 5, 4: [2, 2, 1], 100: [5]}[text]


@pytest.mark.parametrize("body", [b"1,2\n3,4\n", b'1,"2"\n3,4\n'])
def test_a_row_that_the_sweep_drops_is_missed(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = csv_reader._stage

    def drop_last(staging: Staging, path: Path, columns: list[str]) -> int:
        count = stage(staging, path, columns)
        staging.connection.execute(f"delete from {STAGED} where rowid = {count - 1}")
        return count - 1

    monkeypatch.setattr(csv_reader, "_stage", drop_last)
    assert read(b"a,b\n" + body)[1:] == ([(1, "1", "2"), (2, "3", "4")], [])


def test_a_column_may_be_called_rowid() -> None:
    assert read(b"rowid,b\n7,8\n")[1] == [(1, "7", "8")]


def test_a_single_column_may_hold_nulls() -> None:
    for slowly in (False, True):
        assert read(b"a\n1\n\n2\n", slowly=slowly)[1] == [(1, "1"), (2, None), (3, "2")]


def test_row_numbers_follow_a_large_file() -> None:
    body = "".join(f"{number},{number * 7919}\n" for number in range(1, 400_001))
    delivered, rows, _ = read(b"a,b\n" + body.encode())
    assert "rowid" in delivered.relation
    assert all(str(row[0]) == row[1] for row in rows)
    assert delivered.row_count == 400_000


def test_one_bad_row_in_a_large_file_is_found(room: Room) -> None:
    rows = [f"p{number},m1,food,2021-08-01" for number in range(30_000)]
    rows[23_456] = "p,m1"
    room.products(*rows)
    report = room.ingest()
    assert room.reasons() == [(23_457, "", "line 23458 has 2 values, the header has 4 names")]
    assert (report.rows_read, report.rows_accepted) == (30_000, 29_999)
    assert (
        room.one("select count(*) from raw.products where product_id <> 'p' || (_row_number-1)")
        == 0
    )


VALUES = st.text(st.sampled_from("ab\" ,\n\r\t;'#é汉1"), max_size=6)
TABLES = st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=6)


@settings(max_examples=60, deadline=None)
@given(table=TABLES, line_end=st.sampled_from(["\n", "\r\n"]), quote_all=st.booleans())
def test_both_ways_agree_on_whatever_a_csv_writer_writes(
    table: list[list[str]], line_end: str, quote_all: bool
) -> None:
    if not quote_all:
        table = [[value.replace("\r", "") for value in row] for row in table]
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)
    writer.writerows([["x", "y", "z"], *table])
    content = text.getvalue().encode()
    expected = [(number, *(value or None for value in row)) for number, row in enumerate(table, 1)]
    assert read(content)[1:] == (expected, [])
    assert read(content, slowly=True)[1:] == (expected, [])


PIECES = [
    b"a",
    b",",
    b'"',
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\0",
    b"\xff",
    b"1,2\n",
    b'"q"',
    "é".encode(),
]


@settings(max_examples=150, deadline=None)
@given(body=st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
@example(body=b'1, "x"\n')
@example(body=b"1,2,\n")
@example(body=b"1,2\n\0\n")
def test_both_ways_agree_on_dirty_files_and_lose_no_row(body: bytes) -> None:
    content = b"x,y\n" + body
    fast, slow = read(content), read(content, slowly=True)
    assert fast == slow or fast[1:] == slow[1:]
    for delivered, rows, refused in (fast, slow):
        assert delivered.row_count == len(rows) + len(refused)
        assert delivered.unsplit_count == len(refused)
        numbers = sorted(int(row[0] or 0) for row in [*rows, *refused])
        assert numbers == list(range(1, delivered.row_count + 1))


FIELDS = st.sampled_from(
    ["p1", "m1", "food", "2021-08-01", "", "a:b", "never", "\0", '"', '"x"y', "é"]
)
DIRTY_ROWS = st.lists(st.lists(FIELDS, min_size=3, max_size=5).map(",".join), max_size=12)


def test_every_row_read_is_accepted_or_quarantined(room: Room) -> None:
    @settings(max_examples=15, deadline=None)
    @given(rows=DIRTY_ROWS, noise=st.sampled_from([b"", b"\xff\n", b'"']))
    def check(rows: list[str], noise: bytes) -> None:
        room.put("\n".join([PRODUCTS, GOOD, *rows, ""]).encode() + noise)
        room.ingest()
        (latest,) = room.all(
            "select delivery_id, rows_read, rows_accepted, rows_quarantined, status"
            " from raw.deliveries order by delivery_id desc limit 1"
        )
        id_, read_count, accepted, quarantined, status = latest
        assert status == "loaded"
        assert read_count == accepted + quarantined
        assert room.one("select count(*) from raw.products where _delivery_id = ?", id_) == accepted
        query = "select count(distinct row_number) from raw.quarantine where delivery_id = ?"
        assert room.one(query, id_) == quarantined

    check()
