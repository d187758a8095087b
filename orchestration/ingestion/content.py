"""What a landed file holds: its stamp, its hash, the copy kept as evidence, its plain text."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from orchestration.home import Home, UsageError
from orchestration.ingestion.errors import FileRejectedError, FileUnavailableError

CHUNK = 1 << 20
PIECE = 4 << 10
"""Bytes that are decompressed at once: a byte may stand for 30,000."""
GIB = 1 << 30
EXPANDED = "ANXIN_EXPANDED_GB"
"""Names the GiB that an archive may expand to; one that goes on is rejected."""
DISK_SHARE = 0.5
"""Part of the free disk that an archive may expand to; its rows need room as well."""
CLEARLY_MORE = 1.02
"""How much a limit must grow before what was too large is read again: free space never rests."""
_EXPANDS = re.compile(r"expands to more than (\S+) GiB")
_BESIDE = re.compile(r"汇总|^__MACOSX/|(^|/)\.DS_Store$")
"""Names in an archive of the summary that Alipay adds, and of what macOS does."""
SETTLED_NS = 2_000_000_000
"""A file written to within this time (ns) may change again without a change of its stamp."""


@dataclass(frozen=True)
class Content:
    """The bytes of a file as they were read once.

    Attributes:
        sha256: Hex.
        size: Bytes.
        stamp: Size, mtime, ctime and inode; empty when it is too fresh to tell anything.
        evidence: The copy that is loaded.
    """

    sha256: str
    size: int
    stamp: str
    evidence: Path


def stamp(location: Path) -> str:
    """Return what tells cheaply that a file is unchanged, or '' while it is too fresh to tell."""
    return _stamp(location.stat())


def hash_file(location: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with location.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def keep(home: Home, location: Path) -> Content:
    """Copy a file to the evidence under its SHA-256 and make the copy durable.

    Raises:
        FileUnavailableError: The file can't be read, or was written to meanwhile.
    """
    partial = home.evidence / f".incoming-{os.getpid()}-{threading.get_ident()}"
    digest = hashlib.sha256()
    try:
        with _open(location) as reader, partial.open("wb") as writer:
            before = os.fstat(reader.fileno())
            for chunk in _chunks(reader):
                digest.update(chunk)
                writer.write(chunk)
            if _identity(os.fstat(reader.fileno())) != _identity(before):
                raise FileUnavailableError("is being written to; the next ingest takes it up")
            evidence = home.evidence / digest.hexdigest()[:2] / digest.hexdigest()
            if not evidence.exists():
                writer.flush()
                os.fsync(writer.fileno())
                evidence.parent.mkdir(exist_ok=True)
                partial.replace(evidence)
    finally:
        partial.unlink(missing_ok=True)
    return Content(digest.hexdigest(), before.st_size, _stamp(before), evidence)


def _open(location: Path) -> BinaryIO:
    try:
        return location.open("rb")
    except OSError as error:
        raise FileUnavailableError(str(error.strerror)) from None


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    """Read a file; only what fails in reading it is the file's own fault."""
    while True:
        try:
            chunk = reader.read(CHUNK)
        except OSError as error:
            raise FileUnavailableError(str(error.strerror)) from None
        if not chunk:
            return
        yield chunk


def work_folder(home: Home) -> Path:
    """Return an empty folder for files that live while one delivery is read.

    What an interrupted ingest left behind is removed.
    """
    folder = home.evidence / ".work"
    shutil.rmtree(folder, ignore_errors=True)
    for partial in home.evidence.glob(".incoming-*"):
        partial.unlink(missing_ok=True)
    folder.mkdir()
    return folder


def decompress(compressed: Path, compression: str, target: Path) -> Path:
    """Write the plain bytes of a gz, zst or zip file to `target`, and return it.

    Raises:
        FileRejectedError: The file is cut off or damaged, or there is no end to it.
    """
    size, limit = 0, _limit(target.parent)
    try:
        with compressed.open("rb") as reader, target.open("wb") as writer:
            for chunk in _DECOMPRESSORS[compression](reader):
                size += len(chunk)
                if size > limit:
                    raise FileRejectedError(_too_large(limit))
                writer.write(chunk)
    except FileRejectedError:
        target.unlink()
        raise
    return target


def may_fit_now(home: Home, reason: str | None) -> bool:
    """Whether a file was rejected for its size by a smaller limit than that of today."""
    found = _EXPANDS.match(reason or "")
    return found is not None and _limit(home.evidence) > CLEARLY_MORE * float(found[1]) * GIB


def _limit(folder: Path) -> int:
    """Return how many bytes an archive may expand to in a folder."""
    return min(stated_limit(), int(DISK_SHARE * shutil.disk_usage(folder).free))


def stated_limit() -> int:
    """Return how many bytes an archive may expand to by the environment.

    Raises:
        UsageError: It is no number above zero.
    """
    stated = os.environ.get(EXPANDED, "").strip() or "32"
    try:
        limit = int(float(stated) * GIB)
    except (ValueError, OverflowError):
        limit = 0
    if limit <= 0:
        raise UsageError(f"{EXPANDED} is {stated!r}, which is no number of GiB")
    return limit


def _too_large(limit: int) -> str:
    if limit == stated_limit():
        why, way_out = EXPANDED, "raise the limit"
    else:
        why, way_out = "half of the free disk", "make room"
    return f"expands to more than {limit / GIB:g} GiB ({why}): deliver it in parts, or {way_out}"


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _gunzip(reader: BinaryIO) -> Iterator[bytes]:
    return _members(reader, lambda: zlib.decompressobj(wbits=31), "gzip", zlib.error)


def _unzstd(reader: BinaryIO) -> Iterator[bytes]:
    import zstandard

    maker = zstandard.ZstdDecompressor()
    return _members(reader, maker.decompressobj, "zstd", zstandard.ZstdError)


def _members(
    reader: BinaryIO, make: Callable[[], _Decompressor], kind: str, failure: type[Exception]
) -> Iterator[bytes]:
    """Decompress every member of a stream and see to it that the last one ends."""
    member: _Decompressor | None = None
    while data := reader.read(PIECE):
        while data:
            member = make() if member is None or member.eof else member
            try:
                yield member.decompress(data)
            except failure as error:
                raise FileRejectedError(f"the {kind} data is damaged: {error}") from None
            data = member.unused_data if member.eof else b""
    if member is None or not member.eof:
        raise FileRejectedError(f"the {kind} data is cut off before its end")


def _unzip(reader: BinaryIO) -> Iterator[bytes]:
    """Yield the one file of an archive; what lies beside it by custom does not count.

    Damaged bytes make the readers of zip stumble in all sorts of ways. Only what the disk reports,
    or a want of memory, is no fault of the file.
    """
    try:
        with zipfile.ZipFile(reader) as archive:
            members = [
                member
                for member in archive.infolist()
                if not (member.is_dir() or _BESIDE.search(_member_name(member)))
            ]
            if len(members) != 1:
                raise FileRejectedError(f"the zip archive holds {len(members)} files, not one")
            with archive.open(members[0]) as plain:
                while chunk := plain.read(CHUNK):
                    yield chunk
    except (FileRejectedError, MemoryError):
        raise
    except Exception as error:
        met = error.__context__ if isinstance(error, zipfile.BadZipFile) else error
        if isinstance(met, OSError) and met.errno not in (None, errno.EINVAL):
            raise met from None
        said = str(error) or type(error).__name__
        raise FileRejectedError(f"the zip data is damaged or cut off: {said}") from None


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; without the UTF-8 mark it is read as GB18030."""
    if member.flag_bits & 0x800:
        return member.filename
    return member.filename.encode("cp437", "replace").decode("gb18030", "replace")


_DECOMPRESSORS = {"gzip": _gunzip, "zstd": _unzstd, "zip": _unzip}


def _identity(stat: os.stat_result) -> str:
    return f"{stat.st_size},{stat.st_mtime_ns},{stat.st_ctime_ns},{stat.st_ino}"


def _stamp(stat: os.stat_result) -> str:
    fresh = max(stat.st_mtime_ns, stat.st_ctime_ns) > time.time_ns() - SETTLED_NS
    return "" if fresh else _identity(stat)
