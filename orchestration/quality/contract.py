"""What the audits read of the raw contract, and what they never show."""

from __future__ import annotations

from functools import lru_cache

from orchestration.ingestion.contract import Entity, load_contract


@lru_cache(maxsize=1)
def entities() -> dict[str, Entity]:
    """Return all entities of the raw contract, by name."""
    return load_contract()


def readable(entity: Entity) -> tuple[str, ...]:
    """Return the columns that an audit may read: all but the personal ones."""
    return tuple(column.name for column in entity.columns if not column.personal)


def keys(entity: Entity) -> tuple[str, ...]:
    """Return the columns that name one thing."""
    return tuple(column.name for column in entity.columns if column.key)


@lru_cache(maxsize=1)
def hidden_columns() -> frozenset[str]:
    """Return the columns, of all entities, whose values no result, log or page may show."""
    return frozenset(
        column.name
        for entity in entities().values()
        for column in entity.columns
        if column.is_private
    )
