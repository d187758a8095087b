"""The next files, read while the current one is loaded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from orchestration.home import Home
from orchestration.ingestion import content
from orchestration.ingestion.content import Content
from orchestration.ingestion.errors import FileUnavailableError
from orchestration.ingestion.landing import LandedFile
from orchestration.ingestion.sidecar import Sidecar, read_sidecar

AHEAD = 8


@dataclass(frozen=True)
class Known:
    """The latest delivery of a path.

    Attributes:
        is_refused: Whether that was decided later: then only other content is looked at again.
    """

    delivery_id: int
    sha256: str | None
    stamp: str | None
    status: str
    reason: str | None
    sidecar_sha256: str | None
    mapping_sha256: str | None
    is_refused: bool


@dataclass(frozen=True)
class Fetched:
    """What became of a file before its content is looked at.

    Attributes:
        content: The kept copy; None when the file is unchanged or can't be read now.
        settled: (delivery id, stamp) of a file that was hashed and found unchanged.
        fault: Why the file can't be read now.
    """

    file: LandedFile
    fingerprint: str
    content: Content | None = None
    sidecar: Sidecar | None = None
    settled: tuple[int, str] | None = None
    fault: str | None = None


def fetch_all(
    home: Home,
    files: list[tuple[LandedFile, str]],
    known: Mapping[str, Known],
) -> Iterator[Fetched]:
    """Compare each file with the latest delivery of its path, and keep what is new.

    Args:
        home: Takes the evidence.
        files: Each with the fingerprint of its feed's SQL and contract.
        known: The latest delivery by path.

    Yields:
        One result for each file, in order. A few files are fetched ahead in a thread.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        ahead: deque[Future[Fetched]] = deque()
        try:
            for file, fingerprint in files:
                ahead.append(pool.submit(_fetch, home, file, fingerprint, known.get(file.path)))
                if len(ahead) > AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def find_unchanged(
    home: Home, file: LandedFile, fingerprint: str, known: Known | None
) -> Fetched | None:
    """Return a result if the latest delivery of a file's path stands for what lies there now."""
    try:
        sidecar = read_sidecar(file.sidecar)
        return _compare(home, file, fingerprint, known, sidecar) if known else None
    except OSError:
        return None


def _fetch(home: Home, file: LandedFile, fingerprint: str, known: Known | None) -> Fetched:
    try:
        sidecar = read_sidecar(file.sidecar)
        unchanged = _compare(home, file, fingerprint, known, sidecar) if known else None
    except OSError as error:
        return Fetched(file, fingerprint, fault=error.strerror or type(error).__name__)
    try:
        return unchanged or Fetched(file, fingerprint, content.keep(home, file.location), sidecar)
    except FileUnavailableError as error:
        return Fetched(file, fingerprint, fault=str(error))


def _compare(
    home: Home, file: LandedFile, fingerprint: str, known: Known, sidecar: Sidecar | None
) -> Fetched | None:
    """Return a result if the latest delivery of the path stands for what lies there now."""
    if known.sha256 is None:  # it was no delivery before
        return None
    if not known.is_refused and _is_looked_at_again(home, fingerprint, known, sidecar):
        return None
    stamp = content.stamp(file.location)
    if stamp and stamp == known.stamp:
        return Fetched(file, fingerprint)
    if content.hash_file(file.location) != known.sha256:
        return None
    return Fetched(file, fingerprint, settled=(known.delivery_id, stamp) if stamp else None)


def _is_looked_at_again(
    home: Home, fingerprint: str, known: Known, sidecar: Sidecar | None
) -> bool:
    """Whether a file may fare otherwise with the same content.

    So it does once the feed's SQL or the contract is another one, for then it gives other rows;
    once there is another sidecar, or none any more beside a held file; and one that was too large
    once there is more room.
    """
    if known.mapping_sha256 != fingerprint:
        return True
    if known.status == "rejected":
        return content.may_fit_now(home, known.reason)
    is_stated = sidecar is not None or known.status == "held"
    return is_stated and known.sidecar_sha256 != (sidecar and sidecar.sha256)
