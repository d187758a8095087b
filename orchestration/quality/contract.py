"""The raw contract, as far as the audits need it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import yaml

from orchestration.home import PROJECT

SOURCES_FILE = PROJECT / "models/staging/native/_native__sources.yml"


@dataclass(frozen=True)
class Entity:
    """One raw table: the columns that an audit may read, and what they mean."""

    name: str
    version: str
    keys: tuple[str, ...]
    totals: tuple[str, ...]
    columns: tuple[str, ...]
    """All but the personal ones."""
    hidden: frozenset[str]
    """Personal columns and identifiers of natural persons: their values are never shown."""


@lru_cache(maxsize=1)
def entities() -> dict[str, Entity]:
    """Read all entities of the raw contract, by name."""
    document = yaml.safe_load(SOURCES_FILE.read_text(encoding="utf-8"))
    found = {}
    for table in document["sources"][0]["tables"]:
        meta = {
            column["name"]: column.get("config", {}).get("meta", {}) for column in table["columns"]
        }
        found[table["name"]] = Entity(
            name=table["name"],
            version=table["config"]["meta"]["version"],
            keys=tuple(name for name, flags in meta.items() if flags.get("key")),
            totals=tuple(table["config"]["meta"].get("totals", ())),
            columns=tuple(name for name, flags in meta.items() if not flags.get("personal")),
            hidden=frozenset(
                name
                for name, flags in meta.items()
                if flags.get("personal") or flags.get("person")
            ),
        )
    return found


@lru_cache(maxsize=1)
def hidden_columns() -> frozenset[str]:
    """Names of all columns whose values no result, log or page may show."""
    return frozenset().union(*(entity.hidden for entity in entities().values()))
