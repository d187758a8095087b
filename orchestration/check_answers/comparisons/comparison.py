"""What an answer and a mart have to agree on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """An answer and the rows of a published mart that must equal it, both ways.

    Attributes:
        answer: Name of the answer: the Parquet file, and what `{answer}` stands for in queries.
        mart: The published table that is judged.
        keys: What names a row on both sides; may be null.
        values: Columns that must be exactly equal.
        close: Columns (doubles) that must be equal to 1e-12 of the greater one.
        found: The mart's rows, with the answer's column names; by default the mart itself.
        expected: The answer's rows; by default all.
    """

    answer: str
    mart: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    close: tuple[str, ...] = ()
    found: str = ""
    expected: str = "from {answer}"

    @property
    def query(self) -> str:
        """The mart's rows."""
        return self.found or f"from marts.{self.mart}"


def names(text: str) -> tuple[str, ...]:
    """Split column names at spaces."""
    return tuple(text.split())
