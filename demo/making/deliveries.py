"""The delivered files: what is in each, and what is to become of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date

from making.story import Row
from making.writing import encode

SIDECAR = ".manifest.json"


@dataclass(frozen=True)
class Fault:
    """A broken value: its column, what stands there, and what the quarantine says of it."""

    column: str
    value: str | bytes
    reason: str


@dataclass(frozen=True)
class Delivery:
    """A file of one wave.

    Attributes:
        wave: 1 for `demo/landing`, 2 for `demo/corrections`.
        faults: By row number, from 1.
        status: What the pipeline makes of it: accepted, held, rejected, or unchanged for what
            lies there already.
        reason: A part of what it says about that.
        kept_bytes: The share of the file that arrives.
        total: The column that a sidecar states the sum of; no sidecar without one.
        off_by: How far the stated sum is off, in fen.
    """

    wave: int
    feed: str
    dt: date
    name: str
    rows: list[Row]
    faults: dict[int, Fault] = field(default_factory=dict)
    status: str = "accepted"
    reason: str | None = None
    kept_bytes: float = 1.0
    total: str | None = None
    off_by: int = 0

    @property
    def path(self) -> str:
        """Where it lies in the landing."""
        return f"native/{self.feed}/dt={self.dt}/{self.name}"

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows read, accepted and quarantined."""
        if self.status == "rejected":
            return 0, 0, 0
        return len(self.rows), len(self.rows) - len(self.faults), len(self.faults)

    @property
    def good_rows(self) -> list[Row]:
        """The rows that keep the contract."""
        return [row for number, row in enumerate(self.rows, 1) if number not in self.faults]

    def content(self) -> bytes:
        """Return the bytes of the file."""
        if not self.rows:
            return b""
        faults = {number: (fault.column, fault.value) for number, fault in self.faults.items()}
        whole = encode(self.rows, self.name, faults)
        return whole[: int(len(whole) * self.kept_bytes)]

    def sidecar(self) -> bytes | None:
        """Return the bytes of its sidecar, if it has one."""
        if not self.total:
            return None
        stated = {
            "rows": len(self.rows),
            "sums": {self.total: sum(row[self.total] or 0 for row in self.rows) + self.off_by},
            "sha256": hashlib.sha256(self.content()).hexdigest(),
        }
        return (json.dumps(stated, indent=1) + "\n").encode()

    def again(self, name: str | None = None, status: str = "accepted") -> Delivery:
        """Return the same file in the second wave, under another name if one is given."""
        return replace(self, wave=2, name=name or self.name, status=status, total=None)
