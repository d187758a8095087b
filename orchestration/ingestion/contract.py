"""The raw contract, read from the dbt sources file of `models/staging/native/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from orchestration.home import PROJECT, AnxinError

CONTRACT_FILE = PROJECT / "models" / "staging" / "native" / "_native__sources.yml"
TYPES = ("varchar", "bigint", "boolean", "date", "timestamp")


@dataclass(frozen=True)
class Column:
    """One column of an entity and the rules that a value of it has to meet."""

    name: str
    type: str
    key: bool = False
    id: bool = False
    required: bool = False
    personal: bool = False
    person: bool = False
    enum: tuple[str | int, ...] = ()
    min: int | None = None
    max: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether a value of this column must not be shown in a message."""
        return self.personal or self.person


@dataclass(frozen=True)
class Check:
    """A row rule over several columns: `sql` must not be false; `column` is the one to name."""

    column: str
    sql: str
    message: str


@dataclass(frozen=True)
class Entity:
    """One table of the contract; a row is one delivered version of the thing it names."""

    name: str
    columns: tuple[Column, ...]
    version: str
    checks: tuple[Check, ...] = ()
    totals: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Names of the columns that identify a natural person."""
        return tuple(column.name for column in self.columns if column.person)


def load_contract() -> dict[str, Entity]:
    """Read every entity of the contract, by name.

    Raises:
        AnxinError: The contract file breaks its own rules; the message names table and column.
    """
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    tables = next(source for source in document["sources"] if source["name"] == "native")["tables"]
    return {table["name"]: _entity(table) for table in tables}


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = (node.get("config") or {}).get("meta") or {}
    return meta


def _entity(table: dict[str, Any]) -> Entity:
    meta = _meta(table)
    entity = Entity(
        name=table["name"],
        columns=tuple(_column(table["name"], column) for column in table["columns"]),
        version=meta["version"],
        checks=tuple(Check(**check) for check in meta.get("checks", ())),
        totals=tuple(meta.get("totals", ())),
    )
    names = {column.name for column in entity.columns}
    named = {entity.version, *entity.totals, *(check.column for check in entity.checks)}
    if unknown := sorted(named - names):
        raise AnxinError(f"{CONTRACT_FILE.name}: {entity.name} has no column {', '.join(unknown)}")
    return entity


def _column(table: str, node: dict[str, Any]) -> Column:
    meta = _meta(node)
    if node["data_type"] not in TYPES:
        raise AnxinError(
            f"{CONTRACT_FILE.name}: {table}.{node['name']} has the type {node['data_type']};"
            f" the contract knows {', '.join(TYPES)}"
        )
    return Column(
        name=node["name"],
        type=node["data_type"],
        key=bool(meta.get("key")),
        id=bool(meta.get("id")),
        required=bool(meta.get("required") or meta.get("key")),
        personal=bool(meta.get("personal")),
        person=bool(meta.get("person")),
        enum=tuple(meta.get("enum", ())),
        min=meta.get("min"),
        max=meta.get("max"),
    )
