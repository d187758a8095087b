"""The same rows give the same bytes, and no text of the data runs as a formula."""

from __future__ import annotations

import csv
import hashlib
import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.closing import workbook
from orchestration.closing.report import Column, Sheet

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(1)", "\t1", "\r1", "=HYPERLINK(1)"]
DANGEROUS += ["  =1", " \n+1", "\u3000@SUM(1)", "＝1+1", "＋1", " －1", "＠SUM(1)"]  # noqa: RUF001
TEXTS = [*DANGEROUS, "plain", " plain - 1", "1＝1", "http://a.b"]  # noqa: RUF001
COLUMNS = (
    Column("name", "VARCHAR"),
    Column("amount", "DECIMAL(18,2)"),
    Column("row_count", "BIGINT"),
    Column("is_open", "BOOLEAN"),
    Column("due_date", "DATE"),
    Column("due_at", "TIMESTAMP"),
)
ROWS = [
    [name, f"-{number}.25", str(number), "true", "2021-07-31", "2021-07-31 23:59:59"]
    for number, name in enumerate(TEXTS)
]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table kept (row_values varchar[])")
        connection.executemany(
            "insert into kept values (?)", [[row] for row in [*ROWS, [None] * 6]]
        )
        yield connection


SHEETS = [
    Sheet("first page", COLUMNS, "select row_values from kept order by rowid"),
    Sheet("empty", COLUMNS, "select row_values from kept limit 0"),
]


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_the_same_rows_give_the_same_bytes_whenever_and_however_they_are_written(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "book"
    workbook.write(connection, SHEETS, folder)
    first = digests(folder)
    assert first.keys() == {"book.xlsx", "first_page.csv", "empty.csv"}
    time.sleep(2.1)  # an archive tells time in steps of two seconds
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    umask = os.umask(0o077)
    try:
        workbook.write(connection, SHEETS, folder)
    finally:
        os.umask(umask)
        monkeypatch.undo()
        time.tzset()
    assert digests(folder) == first
    connection.execute(
        "update kept set row_values = ['x'] || row_values[2:] where row_values[1] = 'plain'"
    )
    workbook.write(connection, SHEETS, folder)
    assert {name for name, found in digests(folder).items() if found != first[name]} == {
        "book.xlsx",
        "first_page.csv",
    }


def test_values_come_back_with_their_kinds_and_no_formula(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    workbook.write(connection, SHEETS, tmp_path / "book")
    book = openpyxl.load_workbook(tmp_path / "book" / "book.xlsx")
    assert book.sheetnames == ["first page", "empty"]
    page = book["first page"]
    assert [cell.value for cell in page[1]] == [column.name for column in COLUMNS]
    for number, name in enumerate(TEXTS):
        text, amount, count, flag, day, moment = page[number + 2]
        assert (text.data_type, text.hyperlink) == ("s", None)
        assert text.value == name.replace("\r", "_x000D_")  # as Excel writes it, too
        assert text.quotePrefix == (name in DANGEROUS)
        assert (amount.value, amount.number_format) == (
            pytest.approx(-number - 0.25),
            "#,##0.00;[Red]-#,##0.00",
        )
        assert (count.value, count.number_format) == (number, "#,##0")
        assert flag.value == "true"
        assert (day.value.date(), day.number_format) == (date(2021, 7, 31), "yyyy-mm-dd")
        assert moment.value == datetime(2021, 7, 31, 23, 59, 59)  # noqa: DTZ001
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", f"A1:F{len(ROWS) + 2}")
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_csv_texts_are_disarmed_and_numbers_are_left_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    workbook.write(connection, SHEETS, tmp_path / "book")
    with (tmp_path / "book" / "first_page.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["name"] for row in rows[:-1]]
    assert names == [*(f"'{name}" for name in DANGEROUS), *TEXTS[len(DANGEROUS) :]]
    assert rows[1]["amount"] == "-1.25"
    text = (tmp_path / "book" / "first_page.csv").read_bytes().decode("utf-8-sig")
    assert all(f'"\'{name}"' in text for name in DANGEROUS)
    assert '"-1.25"' in text
    assert set(rows[-1].values()) == {""}


def test_what_does_not_fit_a_sheet_is_said_to_stand_in_the_csv_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROW_LIMIT", 3)
    workbook.write(connection, SHEETS, tmp_path / "book")
    page = openpyxl.load_workbook(tmp_path / "book" / "book.xlsx")["first page"]
    assert page.max_row == 4
    assert page["A4"].value == "The rows from here on stand in the CSV file only."
    lines = (
        (tmp_path / "book" / "first_page.csv").read_text(encoding="utf-8").count('"2021-07-31",')
    )
    assert lines == len(ROWS)
