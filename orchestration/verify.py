"""Rebuild everything from raw beside the live files, and compare row for row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration import transform
from orchestration.comparing import ModelDifference, Relation, compare
from orchestration.home import Home, UsageError, limits
from orchestration.publishing.files import GROWTH_SHARE, copy_file, remove, require_room
from orchestration.publishing.generations import quoted

if TYPE_CHECKING:
    from orchestration.pipeline import Pipeline


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        models: How many relations were compared.
        rows: How many live rows were compared.
        differences: Those that are not equal, and tables that no model or seed has.
    """

    models: int
    rows: int
    differences: list[ModelDifference] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether every relation equals its rebuild."""
        return not self.differences


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
        rows, differences = compare(connection, relations)
    return Verification(sum(not each.is_view for each in relations), rows, differences)


def _databases(home: Home, scratch: Home) -> dict[str, Path]:
    return {
        "live_warehouse": home.warehouse,
        "live_marts": home.published,
        "rebuilt_warehouse": scratch.warehouse,
        "rebuilt_marts": scratch.marts_next,
    }


def _relations(home: Home) -> Iterator[Relation]:
    """Everything that dbt has built in a home, with the columns that its grain test names."""
    nodes = transform.manifest(home)["nodes"].values()
    keys = {
        test["attached_node"]: tuple(test["test_metadata"]["kwargs"]["columns"])
        for test in nodes
        if test["resource_type"] == "test"
        and (test.get("test_metadata") or {}).get("name") == "grain"
    }
    for node in nodes:
        if node["resource_type"] in ("model", "seed"):
            yield Relation(
                name=node["name"],
                database="marts" if node["database"] == transform.MARTS else "warehouse",
                schema=node["schema"],
                alias=node["alias"],
                key=keys.get(node["unique_id"], ()),
                is_view=node["config"]["materialized"] == "view",
            )
