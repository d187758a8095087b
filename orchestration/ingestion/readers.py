"""From the evidence copy of a file to a relation with its columns and row numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from orchestration.ingestion import bills, content, sql
from orchestration.ingestion.bills import BillFormat
from orchestration.ingestion.csv_reader import read_csv
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.json_reader import read_jsonl
from orchestration.ingestion.staging import STAGED, Delivered, Staging, check_names
from orchestration.log import masked

DIRECT_BYTES = 16 << 20
"""A Parquet file of this size or more is read in place, a smaller one is staged first."""


def read(
    staging: Staging,
    evidence: Path,
    file_format: str,
    compression: str | None,
    work: Path,
    bill: BillFormat | None = None,
    others: Mapping[str, BillFormat] | None = None,
    ids: Collection[str] = (),
) -> Delivered:
    """Read a file as a delivery.

    Args:
        staging: Takes what can't be read in place.
        evidence: The file's copy.
        file_format: parquet, csv or jsonl.
        compression: gzip, zstd, zip or None.
        work: A folder for the plain text of a compressed file.
        bill: The format, if the file is a bill of a payment channel.
        others: Formats of the other bills of its source, by feed.
        ids: Columns that hold text or a whole number, which not every format says of a value.

    Raises:
        FileRejectedError: The file as a whole can't be read; the message says why.
    """
    staging.clear()
    if not evidence.stat().st_size:
        raise FileRejectedError("the file is empty")
    if file_format == "parquet":
        return _read_parquet(staging, evidence)
    plain = content.decompress(evidence, compression, work / "plain") if compression else evidence
    try:
        if not plain.stat().st_size:
            raise FileRejectedError("the file is empty")
        if bill:
            return _read_bill(staging, plain, work, bill, others or {})
        if file_format == "csv":
            return read_csv(staging, plain, work)
        return read_jsonl(staging, plain, ids)
    finally:
        if compression:
            plain.unlink()


def _read_bill(
    staging: Staging, path: Path, work: Path, bill: BillFormat, others: Mapping[str, BillFormat]
) -> Delivered:
    rows = work / "bill"
    try:
        statement = bills.unwrap(path, bill, others, rows)
        delivered = read_csv(staging, rows, work)
    finally:
        rows.unlink(missing_ok=True)
    delivered.statement = statement
    return delivered


def first_line(error: Exception) -> str:
    """Return what an error says, without the lines that quote a statement or a path."""
    message = str(error).strip().split("\n")[0]
    return message.partition(": ")[2] or message


def _read_parquet(staging: Staging, path: Path) -> Delivered:
    run = staging.connection.execute
    file = f"read_parquet({sql.file(path)}, hive_partitioning = false)"
    relation = f"select *, file_row_number + 1 as _row_number from {file}"
    names: list[str] = []
    try:
        row_count = sql.scalar(
            staging.connection, f"select num_rows from parquet_file_metadata({sql.file(path)})"
        )
        schema = run(
            f"select name, coalesce(num_children, 0) from parquet_schema({sql.file(path)})"
        ).fetchall()
        names = _own_names(schema)
        check_names(names)
        if path.stat().st_size < DIRECT_BYTES:
            run(f"create or replace temp table {STAGED.rpartition('.')[2]} as {relation}")
            relation = f"select * from {STAGED}"
        described = run(f"describe {relation}").fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:  # of any kind: so the readers of damaged bytes fail
        said = masked(first_line(error).replace(str(path), "it"))
        is_value = isinstance(error, duckdb.ConversionException)
        where = _odd_column(staging, file, names) if is_value else ""
        raise FileRejectedError(f"is no readable Parquet file: {said}{where}") from None
    columns = tuple((str(row[0]), str(row[1])) for row in described if row[0] != "_row_number")
    texts = [sql.name(name) for name, kind in columns if kind == "VARCHAR"]
    if texts:  # as in a CSV file, an empty text is no value
        values = ", ".join(f"nullif({text}, '') as {text}" for text in texts)
        relation = f"select * replace ({values}) from ({relation})"
    return Delivered(relation, columns, row_count)


def _odd_column(staging: Staging, file: str, names: list[str]) -> str:
    """Name the first column with a value that can't be read, in brackets; nothing if none has."""
    for name in names:
        try:
            staging.connection.execute(f"select bit_xor(hash({sql.name(name)})) from {file}")
        except duckdb.ConversionException:
            return f" (in the column {name})"
    return ""


def _own_names(schema: list[tuple[str, int]]) -> list[str]:
    """Return the names of a file's columns; the schema lists below each what it is made of.

    A damaged footer may list more than the file's root has: what is beyond it is no column.
    """
    names, depth = [], [1]
    for name, children in schema:
        while len(depth) > 1 and not depth[-1]:
            depth.pop()
        depth[-1] -= 1
        if len(depth) == 2:
            names.append(name)
        depth.append(children)
    return names
