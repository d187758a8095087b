"""What an ingest tells about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Problem:
    """A row, or with row None a whole file, that could not be taken as it is."""

    path: str
    row: int | None
    column: str | None
    reason: str


@dataclass(frozen=True)
class NewDelivery:
    """A delivery that this ingest entered into the manifest."""

    delivery_id: int
    source: str | None
    feed: str | None
    dt: date | None
    path: str
    status: str


@dataclass
class IngestReport:
    """Counts of one ingest, and its problems.

    Attributes:
        unreadable: Why files can't be read now, by path; the next ingest tries them again.
        problems: The first `quarantine.PROBLEMS_PER_FILE` refused rows of each file, and every file
            that is rejected, held or unreadable.
    """

    files_seen: int = 0
    unchanged: int = 0
    loaded: int = 0
    rejected: int = 0
    held: int = 0
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    new_customers: int = 0
    rekeyed_customers: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    deliveries: list[NewDelivery] = field(default_factory=list)
