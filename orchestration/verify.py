"""Rebuild everything from raw beside the live files, and compare row for row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration import transform
from orchestration.home import Home, UsageError, limits
from orchestration.publishing.files import GROWTH_SHARE, copy_file, remove, require_room
from orchestration.publishing.generations import quoted

if TYPE_CHECKING:
    from orchestration.pipeline import Pipeline

SHOWN_KEYS = 20
"""Differing rows that are listed per model."""


@dataclass(frozen=True)
class ModelDifference:
    """Rows that a refreshed model and its rebuild don't share.

    Attributes:
        model: Name of the dbt model or seed.
        live_rows: Rows of the live relation.
        rebuilt_rows: Rows of the rebuilt one.
        only_live: Rows that only the live relation has, counted with duplicates.
        only_rebuilt: Rows that only the rebuilt one has.
        examples: Some differing rows: `in` which of the two, the key, and what differs if in both.
    """

    model: str
    live_rows: int
    rebuilt_rows: int
    only_live: int
    only_rebuilt: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        models: How many relations were compared.
        rows: How many live rows were compared.
        differences: Those that are not equal.
    """

    models: int
    rows: int
    differences: list[ModelDifference] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether every relation equals its rebuild."""
        return not self.differences


@dataclass(frozen=True)
class _Relation:
    name: str
    database: str
    schema: str
    alias: str
    key: tuple[str, ...]

    def in_database(self, alias: str) -> str:
        return f'{alias}."{self.schema}"."{self.alias}"'


def verify(
    pipeline: Pipeline, on_node: Callable[[transform.NodeResult], None] | None = None
) -> Verification:
    """Rebuild a warehouse in a folder of its own, compare, and remove the folder.

    Args:
        pipeline: The opened run, which holds the writer lock.
        on_node: Told about every relation that is rebuilt.

    Raises:
        UsageError: There are changes that no run has built yet, or a run was not published, so
            that a difference would say nothing; or nothing is published.
        DiskSpaceError: There is no room for the rebuild.
        TransformError: A model can't be rebuilt.
    """
    home = pipeline.home
    if not home.published.exists():
        raise UsageError(f"nothing is published in {home.root} yet: `anxin run` does it")
    if not pipeline.is_up_to_date():
        raise UsageError("no run has built and published all that counts by now: `anxin run` first")
    with _beside(home) as scratch:
        result = transform.invoke(scratch, _REBUILD, on_node=on_node)
        if result.failed:
            names = ", ".join(node.name for node in result.failed[:5])
            raise transform.TransformError(f"could not be rebuilt: {names}")
        return _compare(home, scratch)


_REBUILD = [
    *("build", "--full-refresh"),
    *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
]


@contextmanager
def _beside(home: Home) -> Iterator[Home]:
    """Make a home that holds nothing but a copy of the raw tables, until the block ends."""
    scratch = Home(home.verification)
    remove(scratch.root)
    try:
        _require_room(home)
        scratch.create()
        copy_file(home.warehouse, scratch.warehouse)
        with duckdb.connect(str(scratch.warehouse)) as connection:
            for (schema,) in connection.execute(_BUILT_SCHEMAS).fetchall():
                connection.execute(f'drop schema "{schema}" cascade')
        yield scratch
    finally:
        shutil.rmtree(scratch.root, ignore_errors=True)


def _require_room(home: Home) -> None:
    """Look for room for a copy of the warehouse and for marts of the published size.

    Raises:
        DiskSpaceError: There is less.
    """
    sizes = sum(path.stat().st_size for path in (home.warehouse, home.published))
    require_room(home.root, int(sizes * (1 + GROWTH_SHARE)))


_BUILT_SCHEMAS = """
select schema_name from duckdb_schemas()
where database_name = current_database() and not internal
    and schema_name not in ('main', 'raw', 'meta')
"""


def _compare(home: Home, scratch: Home) -> Verification:
    """Compare all tables of two homes whose writers have ended."""
    with duckdb.connect(config=limits(scratch.root / "spill")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for alias, path in _databases(home, scratch).items():
            connection.execute(f"attach '{quoted(path)}' as {alias} (read_only)")
        relations = list(_relations(scratch))
        rows, differences = 0, []
        for relation in relations:
            count, difference = _difference(connection, relation)
            rows += count
            if difference:
                differences.append(difference)
    return Verification(len(relations), rows, differences)


def _databases(home: Home, scratch: Home) -> dict[str, Path]:
    return {
        "live_warehouse": home.warehouse,
        "live_marts": home.published,
        "rebuilt_warehouse": scratch.warehouse,
        "rebuilt_marts": scratch.marts_next,
    }


def _relations(home: Home) -> Iterator[_Relation]:
    """Every table that dbt has built in a home, with the columns that its grain test names."""
    nodes = transform.manifest(home)["nodes"].values()
    keys = {
        test["attached_node"]: tuple(test["test_metadata"]["kwargs"]["columns"])
        for test in nodes
        if test["resource_type"] == "test"
        and (test.get("test_metadata") or {}).get("name") == "grain"
    }
    for node in nodes:
        if node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "view":
            side = "marts" if node["database"] == transform.MARTS else "warehouse"
            key = keys.get(node["unique_id"], ())
            yield _Relation(node["name"], side, node["schema"], node["alias"], key)


def _difference(
    connection: duckdb.DuckDBPyConnection, relation: _Relation
) -> tuple[int, ModelDifference | None]:
    """Compare count and hash of all rows; look closer only where they differ."""
    sides = [relation.in_database(f"{side}_{relation.database}") for side in ("live", "rebuilt")]
    digests = [_digest(connection, side) for side in sides]
    if digests[0] == digests[1]:
        return digests[0][0] if digests[0] else 0, None
    live, rebuilt = (
        f"(from {sides[1 - n]} limit 0)" if digests[n] is None else sides[n] for n in (0, 1)
    )
    only_live, only_rebuilt = (
        f"(from {this} except all from {other})"
        for this, other in ((live, rebuilt), (rebuilt, live))
    )
    difference = ModelDifference(
        model=relation.name,
        live_rows=_count(connection, live),
        rebuilt_rows=_count(connection, rebuilt),
        only_live=_count(connection, only_live),
        only_rebuilt=_count(connection, only_rebuilt),
        examples=_examples(connection, relation, only_live, only_rebuilt),
    )
    return difference.live_rows, difference


def _digest(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Any, ...] | None:
    """Return the row count and hashes that no order of rows changes; None without the table."""
    try:
        row = connection.execute(
            f"select count(*), sum(hash(rows)), bit_xor(hash(rows)) from {table} as rows"
        ).fetchone()
    except duckdb.CatalogException:
        return None
    return row


def _count(connection: duckdb.DuckDBPyConnection, select: str) -> int:
    row = connection.execute(f"select count(*) from {select}").fetchone()
    return int(row[0]) if row else 0


def _examples(
    connection: duckdb.DuckDBPyConnection, relation: _Relation, only_live: str, only_rebuilt: str
) -> list[dict[str, Any]]:
    """List some differing rows by their key; where both sides have it, what differs."""
    key = ", ".join(relation.key) or "all"
    cursor = connection.execute(
        f"select * from (select 'live' as side, * from {only_live}"
        f" union all select 'rebuilt', * from {only_rebuilt})"
        f" order by {key}, side limit {SHOWN_KEYS}"
    )
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not relation.key:
        return [{"in": row.pop("side"), **row} for row in rows]
    by_key: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[name] for name in relation.key), {})[row.pop("side")] = row
    return [_example(relation, sides) for sides in by_key.values()]


def _example(relation: _Relation, sides: dict[str, dict[str, Any]]) -> dict[str, Any]:
    one = next(iter(sides.values()))
    key = {name: one[name] for name in relation.key}
    if len(sides) == 1:
        return {"in": next(iter(sides)), **key}
    live, rebuilt = sides["live"], sides["rebuilt"]
    differing = {
        name: f"{live[name]} / rebuilt {rebuilt[name]}"
        for name in live
        if live[name] != rebuilt[name]
    }
    return {"in": "both", **key, **differing}
