"""Bills of payment channels: what stands around their rows is taken off, what they state is kept.

A feed with a `_bill.yml` holds such files. It declares

    layout: wechat | alipay
    encoding: utf-8 or gb18030
    columns: the real header of this type of bill; files are read by name, in any order
    summary: what the bill's own totals add up: `rows`, or the name of a column

`wechat`: a header, rows whose values begin with a back-tick, a second header and one row of totals.
`alipay`: comment lines that begin with `#` before the header and after the rows; the latter hold
the totals, `#<name>：<count>笔，共<amount>元`. Values may end in tabs. The account stands in the
comments only (`#账号：[...]`); it becomes the first column of the CSV file.

Both become a plain CSV file, which is then read like any other.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from orchestration.home import AnxinError
from orchestration.ingestion.bounded import lines_of
from orchestration.ingestion.errors import FileRejectedError

FORMAT_FILE = "_bill.yml"
ROWS = "rows"
_BOM = "\ufeff"
ACCOUNT = "账号"
_ACCOUNT = re.compile(rf"#{ACCOUNT}：\[(\d+)\]")
_TOTAL_DIGITS = 32
"""Digits before the point that the books hold; a total or a count with more of them is none."""
_TOTAL = re.compile(r"#(.+?)：(\d+)笔，共(-?\d+\.?\d*)元")


@dataclass(frozen=True)
class BillFormat:
    """How one type of bill is laid out.

    Attributes:
        columns: Names that the header of this type has.
        summary: Pairs of a total's name and the column that it adds up, or `rows`.
    """

    layout: str
    encoding: str
    columns: tuple[str, ...]
    summary: tuple[tuple[str, str], ...]


@dataclass
class Statement:
    """What a bill says of itself.

    Attributes:
        sha1: Hex, of the plain bytes, as the channel hashes them.
        rows: Its number of rows.
        sums: Totals as text, by column.
    """

    sha1: str
    rows: str
    sums: dict[str, str] = field(default_factory=dict)

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """What it states, as control totals; without what is no number."""
        found: list[tuple[str, Decimal]] = []
        for name, text in {ROWS: self.rows, **self.sums}.items():
            with suppress(InvalidOperation):
                total = Decimal(text)
                if total.is_finite() and total.adjusted() < _TOTAL_DIGITS:
                    found.append((f"{name} as stated", total))
        return found


def load_format(folder: Path) -> BillFormat | None:
    """Read the format of a feed's folder; None when its files are no bills.

    Raises:
        AnxinError: The format is badly declared; the message names the file.
    """
    path = folder / FORMAT_FILE
    if not path.exists():
        return None
    declared: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = BillFormat(
        declared["layout"],
        declared["encoding"],
        tuple(declared["columns"]),
        tuple(declared["summary"].items()),
    )
    unknown = [column for _, column in found.summary if column not in (*found.columns, ROWS)]
    if unknown or found.layout not in _LAYOUTS:
        where = f"{folder.parent.name}/{folder.name}/{FORMAT_FILE}"
        raise AnxinError(f"{where}: {(unknown or [found.layout])[0]!r} is unknown")
    return found


def unwrap(
    path: Path, bill: BillFormat, others: Mapping[str, BillFormat], target: Path
) -> Statement:
    """Write the rows of a bill as a plain CSV file; return what the bill says of itself.

    Args:
        path: The bill, not compressed.
        bill: The format of the feed.
        others: Formats of the other feeds of the source, to name a bill that was mixed up.
        target: Where the CSV file is written.

    Raises:
        FileRejectedError: The bill is cut off, of another encoding or of another type.
    """
    lines = _lines(path, bill.encoding)
    with target.open("w", encoding="utf-8", newline="") as writer:
        rows = csv.writer(writer, lineterminator="\n")

        def take_header(line: str) -> list[str]:
            names = [name.strip() for name in line.split(",")]
            _check_header(names, bill, others)
            return names

        stated = _LAYOUTS[bill.layout](lines, take_header, rows.writerow)
    with path.open("rb") as reader:
        sha1 = hashlib.file_digest(reader, "sha1").hexdigest()
    return _statement(stated, bill, sha1)


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is not blank."""
    with path.open("rb") as reader:
        for number, data in enumerate(lines_of(reader), 1):
            try:
                line = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise FileRejectedError(
                    f"line {number} is not {encoding.upper()} at byte {error.start + 1}"
                ) from None
            line = line.removeprefix(_BOM).rstrip("\r\n")
            if line.strip():
                yield number, line


def _check_header(names: list[str], bill: BillFormat, others: Mapping[str, BillFormat]) -> None:
    """Refuse a header that lacks a column, or that fits another type of bill better."""
    for feed, other in others.items():
        if set(names) >= set(other.columns) and len(other.columns) > len(bill.columns):
            raise FileRejectedError(f"the header is that of the feed {feed}")
    missing = [column for column in bill.columns if column not in names]
    if not missing:
        return
    for feed, other in others.items():
        if set(names) >= set(other.columns):
            raise FileRejectedError(
                f"the header is that of the feed {feed}: it lacks {', '.join(missing)}"
            )
    if 2 * len(missing) > len(bill.columns):
        raise FileRejectedError(
            f"is no bill of this feed: its header lacks {len(missing)} of"
            f" {len(bill.columns)} columns"
        )
    raise FileRejectedError(f"the header lacks {', '.join(missing)}")


_TakeHeader = Callable[[str], list[str]]
_Write = Callable[[list[str]], object]


def _wechat(
    lines: Iterator[tuple[int, str]], take_header: _TakeHeader, write: _Write
) -> dict[str, tuple[str, str]]:
    """Read a bill whose values begin with a back-tick, so that a comma in them splits nothing."""
    write(take_header(next(lines, (1, ""))[1]))
    for _, line in lines:
        if not line.startswith("`"):
            names = [name.strip() for name in line.split(",")]
            values = _ticked(next(lines, (0, ""))[1])
            if len(values) != len(names):
                break
            if extra := next(lines, None):
                raise FileRejectedError(f"line {extra[0]} stands after the totals")
            return {name: (value, value) for name, value in zip(names, values, strict=True)}
        write(_ticked(line))
    raise FileRejectedError("the bill has no line of totals at its end: it is cut off")


def _ticked(line: str) -> list[str]:
    return [value.strip() for value in line.removeprefix("`").split(",`")] if line else []


def _alipay(
    lines: Iterator[tuple[int, str]], take_header: _TakeHeader, write: _Write
) -> dict[str, tuple[str, str]]:
    """Read a bill between comment lines."""
    totals: dict[str, tuple[str, str]] = {}
    account = ""
    in_rows = is_over = False
    for number, line in lines:
        if line.startswith("#"):
            is_over = in_rows
            if in_rows and (found := _TOTAL.match(line)):
                totals[found[1]] = (found[2], found[3])
            elif found := _ACCOUNT.match(line):
                account = found[1]
        elif is_over:
            raise FileRejectedError(f"line {number} stands after the end of the list")
        elif in_rows:
            try:
                values = next(csv.reader([line]))
            except csv.Error as error:
                raise FileRejectedError(f"line {number} is no CSV: {error}") from None
            write([account, *(value.strip() for value in values)])
        else:
            write([ACCOUNT, *take_header(line)])
            in_rows = True
            if not account:
                raise FileRejectedError(f"the comments before the header name no {ACCOUNT}")
    if not totals:
        raise FileRejectedError("the bill has no lines of totals at its end: it is cut off")
    return totals


_LAYOUTS = {"wechat": _wechat, "alipay": _alipay}


def _statement(totals: dict[str, tuple[str, str]], bill: BillFormat, sha1: str) -> Statement:
    """Take the totals that the format knows; several counts add up to the number of rows."""
    counts: list[int] = []
    sums: dict[str, str] = {}
    for name, column in bill.summary:
        if name not in totals:
            raise FileRejectedError(f"the totals of the bill lack {name}")
        count, amount = totals[name]
        if bill.layout == "alipay" or column == ROWS:
            if not count.isdecimal() or len(count) > _TOTAL_DIGITS:
                raise FileRejectedError(f"the bill states {name} as {count!r}, which is no number")
            counts.append(int(count))
        if column != ROWS:
            sums[column] = amount
    return Statement(sha1, str(sum(counts)), sums)
