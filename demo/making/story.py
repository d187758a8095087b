"""What happens to one thing over time, and what a daily file says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]


@dataclass
class Story:
    """One order, line, claim or other thing with everything that happens to it.

    Attributes:
        base: All columns but `updated_at`, in the order of the file; what is not known yet is
            None.
        steps: When something happens, and the columns that change then.
    """

    base: Row
    steps: list[tuple[datetime, Row]] = field(default_factory=list)

    def version(self, until: datetime) -> Row | None:
        """Return the row as it stands just before a moment, or None if nothing happened yet."""
        seen = [step for step in sorted(self.steps, key=lambda step: step[0]) if step[0] < until]
        if not seen:
            return None
        row = dict(self.base)
        for _, changes in seen:
            row |= changes
        row["updated_at"] = seen[-1][0]
        return {name: _as_utc(value) for name, value in row.items()}

    def happens(self, since: datetime, until: datetime) -> bool:
        """Whether something happens from one moment to just before another."""
        return any(since <= moment < until for moment, _ in self.steps)


def _as_utc(value: Any) -> Any:  # noqa: ANN401 (any cell)
    return value.astimezone(UTC) if isinstance(value, datetime) else value
