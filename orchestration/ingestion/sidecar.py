"""The optional `<file>.manifest.json`: what the sender says the file holds."""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.bills import Statement
from orchestration.ingestion.content import Content
from orchestration.ingestion.staging import Delivered

SIZE_LIMIT = 1 << 20
_KEYS = ("rows", "sums", "sha256", "hash_type", "hash_value", "download_url")


@dataclass(frozen=True)
class Sidecar:
    """The bytes of a sidecar, or why they can't be read."""

    name: str
    content: bytes
    fault: str | None = None

    @property
    def sha256(self) -> str:
        """Hex, of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def read_sidecar(location: Path) -> Sidecar | None:
    """Return the sidecar at a place, or None where there is none, or no name for one."""
    try:
        found = location.lstat()
        if stat.S_ISLNK(found.st_mode):
            return Sidecar(location.name, b"", "is a link")
        if not stat.S_ISREG(found.st_mode):
            return Sidecar(location.name, b"", "is no regular file")
        if found.st_size > SIZE_LIMIT:
            return Sidecar(location.name, b"", f"has more than {SIZE_LIMIT >> 20} MiB")
        return Sidecar(location.name, location.read_bytes())
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return None
        return Sidecar(location.name, b"", f"can't be read: {error.strerror}")


def disagreements(
    connection: duckdb.DuckDBPyConnection,
    sidecar: Sidecar,
    content: Content,
    delivered: Delivered,
    public: Collection[str],
) -> list[str]:
    """Return a sentence for everything that the sidecar states and the file doesn't hold.

    Sums are exact and run over all rows of the file as delivered. The sum of a single row is the
    value itself, so those of columns that may be about a person are not shown.

    Args:
        connection: To the warehouse.
        sidecar: The sidecar.
        content: The file's bytes.
        delivered: The file's rows.
        public: Columns that are about nobody.
    """
    stated = _parse(sidecar)
    if isinstance(stated, str):
        return [f"{sidecar.name} {stated}"]
    found: list[str] = []
    rows, sha256, sums = (stated.get(key) for key in ("rows", "sha256", "sums"))
    if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int | Decimal)):
        found.append(f"{sidecar.name} states rows as {rows!r}, which is no number")
    elif rows is not None and rows != delivered.row_count:
        found.append(f"{sidecar.name} states {rows} rows, the file has {delivered.row_count}")
    if sha256 is not None and str(sha256).lower() != content.sha256:
        found.append(f"{sidecar.name} states the sha256 {sha256}, the file has {content.sha256}")
    if "hash_value" in stated:
        found += _compare_bill_hash(sidecar, stated, delivered.statement)
    for column, total in (sums or {}).items():
        is_shown = column.lower() in public
        complaint = _compare_sum(connection, delivered, column, total, is_shown=is_shown)
        if complaint:
            found.append(f"{sidecar.name} states {complaint}")
    return found


def contradictions(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> list[str]:
    """Return a sentence for every total of a bill that its own rows don't add up to."""
    statement = delivered.statement
    if statement is None:
        return []
    found: list[str] = []
    if int(statement.rows) != delivered.row_count:
        found.append(f"the bill states {statement.rows} rows, it has {delivered.row_count}")
    for column, total in statement.sums.items():
        complaint = _compare_sum(connection, delivered, column, total)
        if complaint:
            found.append(f"the bill states {complaint}")
    return found


def _compare_bill_hash(
    sidecar: Sidecar, stated: dict[str, Any], statement: Statement | None
) -> list[str]:
    """Compare with what a channel answers to a request for a bill: the SHA-1 of its plain bytes."""
    kind, value = str(stated.get("hash_type", "SHA1")).upper(), str(stated["hash_value"]).lower()
    if statement is None or kind != "SHA1":
        return [f"{sidecar.name} states a hash of the kind {kind}, which this feed has no use for"]
    if value == statement.sha1:
        return []
    return [f"{sidecar.name} states the SHA-1 {value}, the bill has {statement.sha1}"]


def _parse(sidecar: Sidecar) -> dict[str, Any] | str:
    if sidecar.fault:
        return sidecar.fault
    try:
        stated = json.loads(sidecar.content, parse_float=Decimal)
        json.dumps(stated, ensure_ascii=False, default=str).encode()
    except UnicodeError:
        return "holds text that is not UTF-8"
    except (ValueError, RecursionError):
        return "is no JSON"
    if not isinstance(stated, dict) or not isinstance(stated.get("sums") or {}, dict):
        return 'is not of the form {"rows": n, "sums": {"<column>": total}, "sha256": "..."}'
    if unknown := sorted(stated.keys() - set(_KEYS)):
        return f"states {unknown[0]!r}; known are {', '.join(_KEYS)}"
    return stated


def _compare_sum(
    connection: duckdb.DuckDBPyConnection,
    delivered: Delivered,
    column: str,
    total: Any,  # noqa: ANN401 (any JSON value)
    *,
    is_shown: bool = True,
) -> str | None:
    if column.lower() not in {name.lower() for name, _ in delivered.columns}:
        return f"a sum of {column}, which the file lacks"
    complaint = _difference(connection, delivered, column, total)
    if complaint and not is_shown:
        return f"a sum of {column} that the file does not have (values not shown)"
    return complaint


def _difference(
    connection: duckdb.DuckDBPyConnection,
    delivered: Delivered,
    column: str,
    total: Any,  # noqa: ANN401 (any JSON value)
) -> str | None:
    try:
        wanted = Decimal(str(total))
    except InvalidOperation:
        wanted = Decimal("NaN")
    if not wanted.is_finite():
        return f"the sum of {column} as {total!r}, which is no number"
    number = f"try_cast({sql.name(column)}::varchar as decimal(38, 10))"
    try:
        row = connection.execute(
            f"select coalesce(sum({number}), 0), count({sql.name(column)}) - count({number})"
            f" from ({delivered.relation})"
        ).fetchone()
    except duckdb.OutOfRangeException:
        return f"the sum of {column} as {wanted}, but it exceeds 28 digits"
    found, odd = row or (Decimal(0), 0)
    if found == wanted:
        return None
    aside = f" ({odd} values are no numbers)" if odd else ""
    return f"the sum of {column} as {wanted}, the file has {_plain(found)}{aside}"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
