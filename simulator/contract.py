"""Names and types of the columns that a platform delivers, as the raw contract states them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
CONTRACT_FILE = PROJECT / "models" / "staging" / "native" / "_native__sources.yml"
SEEDS = PROJECT / "seeds"


@dataclass(frozen=True)
class Entity:
    """One delivered table.

    Attributes:
        name: Also the name of its feed.
        types: DuckDB type by column name, in the order of the contract.
        keys: The columns that name one thing.
        required: The columns that are never null.
        people: The columns that name a natural person.
        totals: The columns whose sums a sidecar may state.
    """

    name: str
    types: dict[str, str]
    keys: tuple[str, ...]
    required: tuple[str, ...]
    people: tuple[str, ...]
    totals: tuple[str, ...]


@cache
def entities() -> dict[str, Entity]:
    """Read the raw contract: entities by name."""
    declared = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    return {table["name"]: _entity(table) for table in declared["sources"][0]["tables"]}


def _entity(table: dict) -> Entity:  # type: ignore[type-arg]
    columns = {c["name"]: c.get("config", {}).get("meta", {}) for c in table["columns"]}
    return Entity(
        name=table["name"],
        types={column["name"]: column["data_type"] for column in table["columns"]},
        keys=tuple(name for name, meta in columns.items() if meta.get("key")),
        required=tuple(n for n, meta in columns.items() if meta.get("required") or meta.get("key")),
        people=tuple(name for name, meta in columns.items() if meta.get("person")),
        totals=tuple(table["config"]["meta"].get("totals", ())),
    )
