"""Sheets as files for people: one workbook, and one CSV file for each sheet.

The same rows give the same bytes: nothing in a file tells when or by whom it was written. No text
of the data can run as a formula, in either kind of file.
"""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter  # type: ignore[import-untyped]

from orchestration.closing.report import Column, Sheet

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 (stands in every workbook as its creation)
ROW_LIMIT = 1_048_575
"""Rows below the header of an Excel sheet."""
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")  # noqa: RUF001
"""How a formula may begin: a spreadsheet can pass over spaces and take full-width signs as well."""
_WIDTHS = {"DATE": 12, "TIMESTAMP": 20, "VARCHAR": 24}


def write(
    connection: duckdb.DuckDBPyConnection,
    sheets: list[Sheet],
    folder: Path,
    name: str | None = None,
) -> list[Path]:
    """Write sheets into a folder; return what was written.

    Args:
        connection: Reads the sheets.
        sheets: In order.
        folder: What is in it is replaced once all is written.
        name: Of the workbook; the folder's, unless told.
    """
    name = name or folder.name
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for sheet in sheets:
        _write_csv(connection, sheet, partial / f"{sheet.name.replace(' ', '_')}.csv")
    loose = partial / ".loose.xlsx"
    _write_workbook(connection, sheets, loose, name)
    _repack(loose, partial / f"{name}.xlsx")
    loose.unlink()
    for path in (partial, *partial.iterdir()):  # who may enter `exports` may read what is in it
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return sorted(folder.iterdir())


def is_formula(value: str) -> bool:
    """Whether a spreadsheet could take a text for a formula."""
    return bool(_FORMULA.match(value))


def _is_text(column: Column) -> bool:
    return column.kind in ("VARCHAR", "BOOLEAN")


def _write_csv(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    texts = [_is_text(column) for column in sheet.columns]
    with path.open("w", encoding="utf-8-sig", newline="") as writer:
        rows = csv.writer(writer, quoting=csv.QUOTE_ALL)  # whatever a program splits cells by
        rows.writerow(column.name for column in sheet.columns)
        for row in sheet.rows(connection):
            rows.writerow(
                f"'{value}" if value and is_text and is_formula(value) else value
                for value, is_text in zip(row, texts, strict=True)
            )


def _write_workbook(
    connection: duckdb.DuckDBPyConnection, sheets: list[Sheet], path: Path, title: str
) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": title, "created": EPOCH})
        formats = {
            "header": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "quoted": book.add_format({"quote_prefix": True}),
            "BIGINT": book.add_format({"num_format": "#,##0"}),
            "DECIMAL": book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
            "DATE": book.add_format({"num_format": "yyyy-mm-dd"}),
            "TIMESTAMP": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), formats, sheet, connection)


def _fill(
    page: Any,  # noqa: ANN401 (the library has no types)
    formats: dict[str, Any],
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    page.freeze_panes(1, 1)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, _WIDTHS.get(column.kind, 16))
        page.write_string(0, position, column.name, formats["header"])
    count = 0
    for row in sheet.rows(connection):
        count += 1
        if count == ROW_LIMIT:
            page.write_string(count, 0, "The rows from here on stand in the CSV file only.")
            break
        for position, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            if value is not None:
                _write_cell(page, formats, count, position, column, value)
    page.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)


def _write_cell(
    page: Any,  # noqa: ANN401
    formats: dict[str, Any],
    row: int,
    position: int,
    column: Column,
    value: str,
) -> None:
    kind = column.kind.partition("(")[0]
    if _is_text(column):
        page.write_string(row, position, value, formats["quoted"] if is_formula(value) else None)
    elif kind in ("DATE", "TIMESTAMP"):
        page.write_datetime(row, position, datetime.fromisoformat(value), formats[kind])
    else:
        page.write_number(row, position, float(value), formats.get(kind, formats["BIGINT"]))


def _repack(loose: Path, target: Path) -> None:
    """Copy a workbook without what its archive tells of the time and the machine."""
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(target, "w") as archive:
        for member in sorted(source.namelist()):
            info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            with source.open(member) as reader, archive.open(info, "w", force_zip64=True) as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)
