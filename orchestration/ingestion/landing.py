"""The landing folder: which files lie there, and how a file gets in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.home import Home, UsageError
from orchestration.ingestion.sources import Source, load_sources

SIDECAR = ".manifest.json"
NAME_LIMIT = 255 - len(SIDECAR)
"""Bytes of a file's name beside which there is a name for its sidecar."""
FORMATS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
KNOWN_NAMES = ".parquet, .csv, .jsonl and .ndjson, the text ones also with .gz, .zst or .zip"
PARTIAL = ".incoming-{pid}.part"
"""Name of a file that a process is copying into the folder of its feed."""
_IGNORED = re.compile(
    r"[._].*|.*\.(tmp|part|filepart)|.*\.manifest\.json", re.DOTALL | re.IGNORECASE
)
NOT_UTF8 = "./"
"""What a path is recorded behind if it is not UTF-8, so that it is no other file's."""
UNREADABLE_FOLDER = "the folder can't be read"
"""How the reason of a folder begins of whose content nothing is known."""
_DT = re.compile(r"dt=(\d{4}-\d{2}-\d{2})", re.ASCII)


@dataclass(frozen=True)
class LandedFile:
    """A file whose place and name say what it delivers.

    Attributes:
        path: Relative to the landing, with forward slashes.
        location: Where it really lies.
        format: One of `FORMATS`.
        compression: One of `COMPRESSIONS`, or None.
    """

    path: str
    location: Path
    source: str
    feed: str
    dt: date
    format: str
    compression: str | None

    @property
    def sidecar(self) -> Path:
        """Where the manifest that states its sums would lie."""
        return self.location.with_name(self.location.name + SIDECAR)


@dataclass(frozen=True)
class Finding:
    """Something in the landing that is no delivery, and why.

    Attributes:
        stamp: Size and time of change, by which other content under the same path is told; that of
            links is always the same, and one that can't be looked at has none.
    """

    path: str
    location: Path
    reason: str
    stamp: str


def list_deliveries(
    home: Home, sources: dict[str, Source] | None = None
) -> tuple[list[LandedFile], list[Finding]]:
    """List the landing: what can be loaded, and what lies there without being a delivery.

    Args:
        home: Whose landing.
        sources: The known sources; read from the package when not given.

    Returns:
        The files by path, and a finding for every other thing that isn't to be ignored.
    """
    sources = load_sources() if sources is None else sources
    files: list[LandedFile] = []
    findings: list[Finding] = []
    for parts, location, reason in _walk(home.landing, (), home.landing.resolve()):
        path = _recorded("/".join(parts))
        found = reason or _place(path, parts, location, sources)
        if isinstance(found, str):
            findings.append(Finding(path, location, found, _stamp(location)))
        else:
            files.append(found)
    return files, findings


def detect_format(file_name: str) -> tuple[str, str | None] | None:
    """Return format and compression by the name's ending, or None when it is unknown."""
    stem, suffix = os.path.splitext(file_name.lower())  # noqa: PTH122 (a bare name)
    compression = COMPRESSIONS.get(suffix)
    if compression:
        suffix = os.path.splitext(stem)[1]  # noqa: PTH122
    file_format = FORMATS.get(suffix)
    if file_format is None or (compression and file_format == "parquet"):
        return None
    return file_format, compression


def deliver(home: Home, file: Path, source: str, feed: str, dt: str | date) -> Path:
    """Copy a file, and its sidecar when it has one, into the landing in one step.

    The file keeps its base name; a file of that name is replaced. A reader of the landing sees
    the earlier file or the whole new one.

    Args:
        home: Whose landing.
        file: The file to deliver; `<file>.manifest.json` beside it is its sidecar.
        source: Name of a known source.
        feed: Name of one of its feeds.
        dt: The date that the file is about, as a date or as `YYYY-MM-DD`.

    Returns:
        Where the file lies now.

    Raises:
        UsageError: Nothing was copied; the message says what is wrong.
    """
    file = Path(file)
    day = _usable(file, source, feed, dt)
    folder = home.landing / source / feed / f"dt={day.isoformat()}"
    folder.mkdir(parents=True, exist_ok=True)
    target, sidecar = folder / file.name, file.with_name(file.name + SIDECAR)
    if sidecar.is_file():
        _copy(sidecar, target.with_name(sidecar.name))
    _copy(file, target)
    if not sidecar.is_file():  # not before: a file that it holds back would count without it
        target.with_name(sidecar.name).unlink(missing_ok=True)
    return target


def _usable(file: Path, source: str, feed: str, dt: str | date) -> date:
    known = load_sources()
    if source not in known:
        raise UsageError(f"there is no source {source!r}; known are {', '.join(known)}")
    if feed not in known[source].feeds:
        feeds = ", ".join(known[source].feeds)
        raise UsageError(f"the source {source} has no feed {feed!r}; it has {feeds}")
    if len(os.fsencode(file.name)) > NAME_LIMIT:
        raise UsageError(f"the name {file.name!r} has more than {NAME_LIMIT} bytes")
    if not file.is_file():
        raise UsageError(f"there is no file {str(file)!r}")
    if _IGNORED.fullmatch(file.name) or not detect_format(file.name):
        raise UsageError(
            f"{file.name!r} is no name of a delivery: it has to end in {KNOWN_NAMES}, and not to"
            " begin with . or _"
        )
    try:
        file.name.encode()
        return dt if isinstance(dt, date) else date.fromisoformat(dt)
    except UnicodeEncodeError:
        raise UsageError(f"the name {file.name!r} is not UTF-8") from None
    except ValueError:
        raise UsageError(f"{dt!r} is no date of the form YYYY-MM-DD") from None


def _copy(file: Path, target: Path) -> None:
    partial = target.parents[1] / PARTIAL.format(pid=os.getpid())
    try:
        with file.open("rb") as reader, partial.open("wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _walk(
    folder: Path, parts: tuple[str, ...], landing: Path
) -> Iterator[tuple[tuple[str, ...], Path, str | None]]:
    """Yield every file below a folder, and what can't be entered with the reason."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        yield parts, folder, f"{UNREADABLE_FOLDER}: {error.strerror}"
        return
    for entry in entries:
        if _IGNORED.fullmatch(entry.name):
            continue
        location, below = Path(entry.path), (*parts, entry.name)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(location, below, landing)
        else:
            yield below, location, _refuse(entry, location, landing)


def _refuse(entry: os.DirEntry[str], location: Path, landing: Path) -> str | None:
    if not entry.is_symlink():
        return None if entry.is_file() else "is no regular file"
    try:
        target = location.resolve()
    except (OSError, RuntimeError):  # a circle
        return "is a link that leads nowhere"
    if not target.is_relative_to(landing):
        return "is a link that leads out of the landing; deliver the file itself"
    if not os.path.exists(target):  # noqa: PTH110 (Path.exists may raise)
        return "is a link that leads nowhere"
    return None if target.is_file() else "is a link to a folder; links to folders are not followed"


def _stamp(location: Path) -> str:
    """Tell other content; a link has none, and may lead elsewhere every day. Empty if unknown."""
    try:
        if location.is_symlink():
            return "a link"
        about = location.lstat()
    except OSError:
        return ""
    return f"{about.st_size},{about.st_mtime_ns}"


def _recorded(path: str) -> str:
    """Return a path as it stands in the manifest."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return NOT_UTF8 + os.fsencode(path).decode("utf-8", "backslashreplace")
    return path


def _place(
    path: str, parts: tuple[str, ...], location: Path, sources: dict[str, Source]
) -> LandedFile | str:
    """Return the file with all that its place says, or why the place says nothing."""
    if len(parts) != 4:
        return "does not lie at <source>/<feed>/dt=YYYY-MM-DD/<file>"
    source, feed, folder, file_name = parts
    if source not in sources:
        return f"the source {source!r} is unknown; known are {', '.join(sources)}"
    if feed not in sources[source].feeds:
        return (
            f"the source {source} has no feed {feed!r}; it has {', '.join(sources[source].feeds)}"
        )
    day = _parse_dt(folder)
    if day is None:
        return f"{folder!r} is no folder of the form dt=YYYY-MM-DD"
    shape = detect_format(file_name)
    if shape is None:
        return f"the name has no known ending; known are {KNOWN_NAMES}"
    if path.startswith(NOT_UTF8):
        return "the file's name is not UTF-8"
    return LandedFile(path, location, source, feed, day, *shape)


def _parse_dt(folder: str) -> date | None:
    match = _DT.fullmatch(folder)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
