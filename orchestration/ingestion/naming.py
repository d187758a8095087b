"""Whether a text or a file names people: by an id, or by a value that is theirs.

An id is a word: no letter, digit, `_` or `-` touches it. A value may stand inside others, as a
phone does in a remark. Both are found as formats and encodings write them.
"""

from __future__ import annotations

import codecs
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from orchestration.home import Home
from orchestration.ingestion import sql
from orchestration.ingestion.content import decompress, work_folder
from orchestration.ingestion.errors import FileRejectedError

BLOCK = 1 << 20
"""Characters, or bytes, of a file that are looked at together."""
ROWS = 10_000
"""Rows of a Parquet file that are looked at together."""
_CUT = "\uffff"
"""No character; stands where a text goes on, so that half an id is not taken for a whole one."""
_TOUCHING = rf"[A-Za-z0-9_\-{_CUT}]"
_ESCAPED = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))""")
_ESCAPED_BYTE = re.compile(rb"\\x([0-9a-f]{2})")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_CONTROLS = bytes({*range(1, 9), *range(14, 26), *range(28, 32), 127})
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPED_LENGTH = 12
"""Characters that JSON takes at most to write one: the escapes of two surrogates."""


class Wanted:
    """Ids and values to look for."""

    def __init__(self, ids: Collection[str], values: Collection[str]) -> None:
        """Take the ids as a file writes them, and values of any kind."""
        self._values = _spelt(values)
        self._ids = [_word(id_) for id_ in _spelt(ids)]
        longest = max(map(len, {*_spelt(ids), *self._values}), default=0)
        self._overlap = _ESCAPED_LENGTH * (longest + 2)

    def is_in(self, text: str) -> bool:
        """Whether one of them stands in a text, or would once its escapes are resolved."""
        return any(map(self._stands_in, _readings(text)))

    def is_in_file(self, path: Path) -> bool:
        """Whether one of them stands in an uncompressed text file, whatever its encoding."""
        return any(
            self.is_in(text)
            for encoding in _encodings(path)
            for text in _overlapping(path, encoding, self._overlap)
        )

    def _stands_in(self, text: str) -> bool:
        return any(value in text for value in self._values) or any(
            id_.search(text) for id_ in self._ids
        )


def is_text(path: Path) -> bool:
    """Whether a file is text, in whose bytes something can be found, whatever its name says.

    What is compressed or otherwise packed has control characters all over.
    """
    with path.open("rb") as content:
        head = content.read(BLOCK)
    found = len(head) - len(head.translate(None, _CONTROLS))
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or found * 1000 <= len(head)


def may_be_in_kept(
    wanted: Wanted,
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    evidence: Path,
    file_format: str,
    compression: str | None,
) -> bool:
    """Whether a kept file names what is wanted, or can't be read, so that nobody can tell."""
    try:
        if file_format == "parquet":
            return _is_in_rows(wanted, connection, evidence)
        if compression is None:
            return wanted.is_in_file(evidence)
        work = work_folder(home)
        try:
            return wanted.is_in_file(decompress(evidence, compression, work / "plain"))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except (FileRejectedError, duckdb.Error):
        return True


def _is_in_rows(wanted: Wanted, connection: duckdb.DuckDBPyConnection, parquet: Path) -> bool:
    read = f"read_parquet({sql.file(parquet)}, hive_partitioning = false)"
    cursor = connection.cursor().execute(f"select to_json(kept)::varchar from {read} as kept")
    while batch := cursor.fetchmany(ROWS):
        if wanted.is_in("\n".join(text for (text,) in batch)):
            return True
    return False


def plain(text: str) -> str:
    r"""Return a text with the characters that stand in it as \uXXXX, \n or \"."""
    resolved = _ESCAPED.sub(_resolved, text)
    return _SURROGATES.sub(
        lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), resolved
    )


def _resolved(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _SIGNS.get(escape[2], escape[2])


def _spelt(texts: Collection[str]) -> set[str]:
    """Return texts, and how a quoted field of a CSV file writes those with quotes."""
    return {*texts, *(text.replace('"', '""') for text in texts)}


def _word(id_: str) -> re.Pattern[str]:
    """Return a pattern that finds an id; beginning with the id itself it is twenty times faster."""
    literal = re.escape(id_)
    return re.compile(f"{literal}(?<!{_TOUCHING}{literal})(?!{_TOUCHING})")


def _readings(text: str) -> Iterator[str]:
    r"""Yield a text, and what its escapes stand for: \xNN for bytes that are no UTF-8."""
    yield text
    if "\\" in text:
        yield plain(text)
        if "\\x" in text:
            content = text.encode("utf-8", "replace")
            content = _ESCAPED_BYTE.sub(lambda byte: bytes.fromhex(byte[1].decode()), content)
            yield content.decode("gb18030", "replace")


def _encodings(path: Path) -> list[str]:
    """Return the encodings in which a file is to be read, so that one of them is its own.

    What is no UTF-8 is read as bills are written, too: lines of both may stand in one file.
    """
    found = ["utf-8"]
    try:
        with path.open(encoding="utf-8") as reader:
            while reader.read(BLOCK):
                pass
    except UnicodeDecodeError:
        found.append("gb18030")
    with path.open("rb") as content:
        if any(b"\0" in block for block in iter(lambda: content.read(BLOCK), b"")):
            found += ["utf-16-le", "utf-16-be"]
    return found


def _overlapping(path: Path, encoding: str, overlap: int) -> Iterator[str]:
    """Yield the text of a file in blocks; each repeats the end of the one before it."""
    text = ""
    with path.open(encoding=encoding, errors="replace", newline="") as reader:
        while block := reader.read(BLOCK):
            text = _end(text, overlap) + block
            yield text + _CUT
    yield _end(text, overlap)


def _end(text: str, length: int) -> str:
    return text if len(text) <= length else _CUT + text[-length:]
