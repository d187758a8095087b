"""What an audit says; free of Great Expectations, so that importing it costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SAMPLE_SIZE = 100
"""Failing keys that a result carries; all of them can be asked of the database."""


@dataclass(frozen=True)
class AuditResult:
    """The verdict of one expectation on one table, or on one delivery to it."""

    table: str
    expectation: str
    """Kind of the expectation, as Great Expectations names it."""
    rule: str
    """What is expected, in words."""
    column: str | None
    severity: str
    """`critical` blocks, `warning` reports."""
    success: bool
    observed: str = ""
    unexpected_count: int = 0
    sample: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    """Keys of some failing rows; never a value of a personal column."""
    delivery_id: int | None = None

    @property
    def blocks(self) -> bool:
        """Whether the delivery is held, or the publish stopped, because of this result."""
        return not self.success and self.severity == "critical"

    def __str__(self) -> str:
        """One line for a log or a status page."""
        verdict = "holds" if self.success else f"{self.severity}: {self.observed}"
        return f"{self.table}: {self.rule}: {verdict}"


def blocking(results: Iterable[AuditResult]) -> list[AuditResult]:
    """Return the results that block."""
    return [result for result in results if result.blocks]
