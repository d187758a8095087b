"""New lines in the manifest: one for each delivery, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orchestration.ingestion.content import Content
from orchestration.ingestion.judge import Verdict
from orchestration.ingestion.landing import LandedFile
from orchestration.ingestion.manifest import record_event
from orchestration.ingestion.sidecar import Sidecar


@dataclass(frozen=True)
class Entry:
    """A delivery as the manifest is to hold it.

    Attributes:
        file: None for something in the landing that is no delivery.
        content: None when the bytes were not read.
        stamp: Of something that is no delivery; that of a file is its content's.
        rows: Read, accepted and quarantined rows of the file.
    """

    path: str
    status: str
    reason: str | None = None
    file: LandedFile | None = None
    content: Content | None = None
    sidecar: Sidecar | None = None
    rows: tuple[int, int, int] = (0, 0, 0)
    notes: str | None = None
    mapping_sha256: str | None = None
    stamp: str | None = None

    def __post_init__(self) -> None:
        """Escape in the reason what is no Unicode text, for no table could hold it."""
        if self.reason:
            safe = self.reason.encode("utf-8", "backslashreplace").decode()
            object.__setattr__(self, "reason", safe)

    @property
    def place(self) -> tuple[str | None, str | None, date | None]:
        """Source, feed and dt, as far as the landing tells."""
        return (self.file.source, self.file.feed, self.file.dt) if self.file else (None, None, None)


def enter(
    connection: duckdb.DuckDBPyConnection, delivery_id: int, entry: Entry, now: datetime
) -> None:
    """Add a delivery to the manifest, in the current transaction.

    A delivery that is held or rejected from the start takes a number on the clock of change.
    """
    content = entry.content
    change_seq = None
    if entry.status != "loaded":
        change_seq = record_event(connection, delivery_id, entry.status, entry.reason, now)
    connection.execute(
        "insert into raw.deliveries (delivery_id, source, feed, dt, path, sha256, size_bytes,"
        " file_stamp, rows_read, rows_accepted, rows_quarantined, status, status_reason, notes,"
        " change_seq, loaded_at, status_at, sidecar_sha256, mapping_sha256)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            delivery_id,
            *entry.place,
            entry.path,
            content and content.sha256,
            content and content.size,
            content.stamp if content else entry.stamp,
            *entry.rows,
            entry.status,
            entry.reason,
            entry.notes,
            change_seq,
            now,
            now,
            entry.sidecar and entry.sidecar.sha256,
            entry.mapping_sha256,
        ],
    )


def enter_totals(connection: duckdb.DuckDBPyConnection, delivery_id: int, verdict: Verdict) -> None:
    """Add the row counts and control totals of a delivery, in the current transaction."""
    counts = [value for pair in verdict.entity_counts.items() for value in (delivery_id, *pair)]
    connection.execute(
        f"insert into raw.delivery_entities values {_rows(len(verdict.entity_counts))}", counts
    )
    if verdict.totals:
        totals = [value for total in verdict.totals for value in (delivery_id, *total)]
        connection.execute(
            f"insert into raw.control_totals values {_rows(len(verdict.totals), 4)}", totals
        )


def _rows(count: int, width: int = 3) -> str:
    return ", ".join(["(" + ", ".join("?" * width) + ")"] * count)
