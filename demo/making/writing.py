"""Rows to the bytes of a delivered file."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import datetime

from making.story import Row

Faults = Mapping[int, tuple[str, str | bytes]]
"""By row number, from 1: a column and what stands there instead."""


def encode(rows: list[Row], file_name: str, faults: Faults) -> bytes:
    """Write rows in the format that the file's name asks for.

    Args:
        rows: All with the same columns.
        file_name: Ends in .csv, .csv.gz, .jsonl or .parquet.
        faults: Only for .csv.
    """
    if file_name.endswith(".parquet"):
        return _parquet(rows)
    if file_name.endswith(".jsonl"):
        return b"".join(_json(row) for row in rows)
    plain = _csv(rows, faults)
    return _gzip(plain) if file_name.endswith(".gz") else plain


def _csv(rows: list[Row], faults: Faults) -> bytes:
    lines = [_line(list(rows[0]))]
    for number, row in enumerate(rows, 1):
        cells = {name: _text(value) for name, value in row.items()}
        column, value = faults.get(number, (None, ""))
        if isinstance(value, bytes):
            marker = "@bytes@"
            line = _line(list({**cells, str(column): marker}.values()))
            lines.append(line.replace(marker.encode(), value))
        else:
            lines.append(_line(list((cells | {column: value} if column else cells).values())))
    return b"".join(lines)


def _line(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _iso(value) if isinstance(value, datetime) else str(value)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(row: Row) -> bytes:
    return (json.dumps(row, ensure_ascii=False, default=_iso) + "\n").encode()


def _gzip(plain: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as writer:
        writer.write(plain)
    return buffer.getvalue()


def _parquet(rows: list[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _parquet_type(name, rows)) for name in rows[0]])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), buffer, compression="zstd")
    return buffer.getvalue()


def _parquet_type(name: str, rows: list[Row]) -> object:
    import pyarrow as pa

    if name.endswith("_at"):
        return pa.timestamp("ms", "UTC")
    if any(isinstance(row[name], bool) for row in rows):
        return pa.bool_()
    return pa.int64() if any(isinstance(row[name], int) for row in rows) else pa.string()
