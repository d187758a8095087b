"""Files in the formats that a platform delivers, byte for byte the same for the same rows."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import zstandard

from simulator.delivery.mutations import GB18030

_GARBLED = "收件地址无法辨认".encode("gb18030")
_CHUNK = 1 << 20
_LINES = "format csv, header false, delimiter e'\\x01', quote '', escape ''"


def write(connection: duckdb.DuckDBPyConnection, query: str, target: Path, file_format: str) -> int:
    """Write the rows of a query, in its order.

    Args:
        connection: Runs the query.
        query: For jsonl it yields one column, the lines; else the columns of the file.
        target: The file; its folder is made.
        file_format: An ending of `windows.FORMATS`.

    Returns:
        The number of rows; for none no file is written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    kind, _, compression = file_format.partition(".")
    options = {
        "parquet": "format parquet, compression snappy",
        "csv": "format csv, header",
        "jsonl": _LINES,
    }[kind]
    plain = target.with_name(f"{target.name}.tmp") if kind != "parquet" else target
    rows = _copy(connection, query, plain, options)
    if kind != "parquet" and rows:
        _finish(plain, target, compression)
    if plain != target or not rows:
        plain.unlink(missing_ok=True)
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, options: str) -> int:
    quoted = str(target).replace("'", "''")
    row = connection.execute(f"copy ({query}) to '{quoted}' ({options})").fetchone()
    return int(row[0]) if row else 0


def _finish(plain: Path, target: Path, compression: str) -> None:
    """Put the bytes in that are no UTF-8, and compress."""
    content = plain.read_bytes()
    if GB18030.encode() in content:
        plain.write_bytes(content.replace(GB18030.encode(), _GARBLED))
    if not compression:
        plain.replace(target)
        return
    with (
        plain.open("rb") as reader,
        target.open("wb") as sink,
        _compressor(sink, compression) as writer,
    ):
        shutil.copyfileobj(reader, writer, _CHUNK)


def _compressor(sink: BinaryIO, compression: str) -> BinaryIO:
    if compression == "gz":
        return cast(BinaryIO, gzip.GzipFile("", "wb", 4, sink, mtime=0))
    return cast(BinaryIO, zstandard.ZstdCompressor(level=3).stream_writer(sink, closefd=False))
