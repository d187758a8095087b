"""JSON lines: one object a line, numbers kept as they are written."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

from orchestration.ingestion.bounded import lines_of
from orchestration.ingestion.csv_rows import BATCH, BATCH_TEXT, escaped, utf8_fault
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.staging import RESERVED, Delivered, Refusal, Staging

COLUMN_LIMIT = 2000
TOO_DEEP = "nested too deeply"
_BOM = b"\xef\xbb\xbf"


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class _LineError(ValueError):
    """A line is not an object that can be staged; `column` is the key to name, if any."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


def read_jsonl(staging: Staging, path: Path, ids: Collection[str] = ()) -> Delivered:
    """Stage a plain JSON-lines file as text; nested values stay JSON text.

    Args:
        staging: Takes the rows.
        path: One JSON object a line; blank lines don't count.
        ids: Columns that hold text or a whole number.

    Raises:
        FileRejectedError: No line can be read, a line is too long, or the lines name more distinct
            keys than a table can have columns.
    """
    batch = _Batch(staging, ids)
    row_count = 0
    with path.open("rb") as reader:
        for position, line in enumerate(lines_of(reader)):
            content = (line.removeprefix(_BOM) if position == 0 else line).strip(b" \t\r\n")
            if not content:
                continue
            row_count += 1
            text = content.decode("utf-8", "surrogateescape")
            try:
                batch.add(row_count, text)
            except _LineError as error:
                refusal = Refusal(
                    row_count, error.column, f"line {position + 1}: {error}", escaped(text)
                )
                batch.refuse(refusal)
    batch.flush()
    if not row_count:
        raise FileRejectedError("the file has no line: deliver no rows as CSV or Parquet")
    if batch.refused_count == row_count:
        raise FileRejectedError(f"no line can be read: {batch.first_refusal}")
    return staging.delivered(row_count, batch.refused_count)


class _Batch:
    """Rows on their way to the staging; a new key makes a new column.

    Attributes:
        names: The column of each key that was met, as it was written.
        first_refusal: Why the first line that is no row is none.
    """

    def __init__(self, staging: Staging, ids: Collection[str]) -> None:
        self.staging = staging
        self.ids = ids
        self.id_keys: list[str] = []
        self.names: dict[str, str] = {}
        self.columns: list[str] = []
        self.numbers: list[int] = []
        self.rows: list[dict[str, str | None]] = []
        self.refusals: list[Refusal] = []
        self.refused_count = 0
        self.first_refusal = ""
        self.size = 0
        staging.open([])

    def add(self, number: int, text: str) -> None:
        """Take a line apart and keep its row."""
        value = _parse(text)
        for key in value:
            if key not in self.names:
                self._meet(key)
        names = self.names
        row = {names[key]: _as_text(item) for key, item in value.items()}
        if len(row) < len(value):
            raise _LineError("names a key twice in different case")
        for key in self.id_keys:
            if not _may_be_id(value.get(key)):
                raise _LineError(f"{names[key]} is not text or a whole number", names[key])
        if not text.isascii() or "\\u" in text:
            _check_texts(row)
        self.numbers.append(number)
        self.rows.append(row)
        self._grow(text)

    def refuse(self, refusal: Refusal) -> None:
        """Keep a line that is no row."""
        self.refusals.append(refusal)
        self.first_refusal = self.first_refusal or refusal.reason
        self._grow(refusal.text)

    def _grow(self, text: str) -> None:
        self.size += len(text)
        if len(self.rows) + len(self.refusals) >= BATCH or self.size >= BATCH_TEXT:
            self.flush()

    def flush(self) -> None:
        """Stage what is kept."""
        if self.rows:
            columns = [[row.get(name) for row in self.rows] for name in self.columns]
            self.staging.append(self.numbers, columns)
        self.staging.refuse(self.refusals)
        self.refused_count += len(self.refusals)
        self.numbers.clear()
        self.rows.clear()
        self.refusals.clear()
        self.size = 0

    def _meet(self, key: str) -> None:
        name = key.lower()
        if not key.strip() or not key.isprintable() or name in RESERVED:
            raise _LineError(f"the key {escape_key(key)!r} can't be the name of a column")
        if name not in self.columns:
            if len(self.columns) >= COLUMN_LIMIT:
                raise FileRejectedError(f"the lines name more than {COLUMN_LIMIT} distinct keys")
            self.staging.widen(name)
            self.columns.append(name)
        self.names[key] = name
        if name in self.ids:
            self.id_keys.append(key)


def _parse(text: str) -> dict[str, Any]:
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _LineError(f"no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise _LineError(TOO_DEEP) from None
    if not isinstance(value, dict):
        raise _LineError("no JSON object")
    return value


def _check_texts(row: dict[str, str | None]) -> None:
    for name, value in row.items():
        position = utf8_fault(value) if value is not None else None
        if position is not None:
            raise _LineError(f"{name} is not UTF-8 at byte {position}", name)


def escape_key(key: str) -> str:
    """Return a key that can be shown, whatever it holds."""
    return key.encode("utf-8", "backslashreplace").decode()


def _no_constant(name: str) -> NoReturn:
    raise _LineError(f"holds {name}, which is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _LineError(f"names the key {escape_key(twice)} twice", escape_key(twice))
    return value


def _as_text(value: Any) -> str | None:  # noqa: ANN401 (any JSON value)
    if value is None or isinstance(value, str):
        return value or None  # as in a CSV file, an empty text is no value
    try:
        return _nested(value)
    except RecursionError:
        raise _LineError(TOO_DEEP) from None


def _may_be_id(value: Any) -> bool:  # noqa: ANN401 (any JSON value)
    if isinstance(value, _Number):
        return value.removeprefix("-").isdecimal()
    return value is None or isinstance(value, str)


def _nested(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Write a value as JSON, with numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(
                f"{json.dumps(key, ensure_ascii=False)}:{_nested(item)}"
                for key, item in value.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_nested, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


_DECODER = json.JSONDecoder(
    parse_int=_Number,
    parse_float=_Number,
    parse_constant=_no_constant,
    object_pairs_hook=_object,
)
