"""The dbt project as assets and checks, read from its manifest.

dagster-dbt would build the same specs, but importing it costs two seconds of every process, and
its way of running dbt, a subprocess, is not used here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration import transform
from orchestration.defs.instance import alone
from orchestration.home import Home

OWNERS = ["team:data-engineering"]
BUILT = ("model", "seed")
PUBLISHED = dg.AssetKey("published_marts")
MARTS = "marts"
"""The database whose tables are published."""

_NO_NAME = re.compile(r"[^A-Za-z0-9_]")

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Project:
    """What Dagster knows of the dbt project, by dbt's unique ids."""

    assets: dict[str, dg.AssetSpec]
    checks: dict[str, dg.AssetCheckSpec]
    sources: dict[dg.AssetKey, str]
    selectors: dict[str, str]
    """How dbt's `--select` names an asset or a check."""
    tables: dict[dg.AssetKey, str]
    """Quoted name of every asset that is a table, as DuckDB knows it."""
    marts: frozenset[dg.AssetKey]

    def ids_by_key(self) -> dict[dg.AssetKey, str]:
        """Return dbt's unique id of every asset."""
        return {spec.key: unique_id for unique_id, spec in self.assets.items()}


def read_project(home: Home) -> Project:
    """Read the manifest of the last dbt command; parse the project if there is none."""
    manifest = _manifest(home)
    nodes: dict[str, Node] = {**manifest["nodes"], **manifest["sources"]}
    keys = {id_: _key(node) for id_, node in nodes.items() if _is_asset(node) or _is_source(node)}
    built = {id_: node for id_, node in nodes.items() if _is_asset(node)}
    with warnings.catch_warnings(action="ignore", category=dg.PreviewWarning):
        assets = {id_: _asset(node, keys) for id_, node in built.items()}
    checks = {
        id_: check
        for id_, node in nodes.items()
        if node["resource_type"] == "test" and (check := _check(node, keys, manifest))
    }
    return Project(
        assets=assets,
        checks=checks,
        sources={keys[i]: n["description"] for i, n in nodes.items() if _is_source(n)},
        selectors={id_: ".".join(nodes[id_]["fqn"]) for id_ in (*assets, *checks)},
        tables={
            keys[id_]: node["relation_name"]
            for id_, node in built.items()
            if node["config"]["materialized"] != "view"
        },
        marts=frozenset(
            keys[id_]
            for id_, node in built.items()
            if node["resource_type"] == "model" and node["database"] == MARTS
        ),
    )


def _manifest(home: Home) -> dict[str, Any]:
    if transform.has_manifest(home):
        return transform.manifest(home)
    with alone(home):
        return transform.manifest(home)


def _is_asset(node: Node) -> bool:
    return node["resource_type"] in BUILT


def _is_source(node: Node) -> bool:
    return bool(node["resource_type"] == "source")


def _key(node: Node) -> dg.AssetKey:
    if _is_source(node):
        return dg.AssetKey([node["source_name"], node["name"]])
    return dg.AssetKey([node["config"]["schema"], node["alias"]])


def _asset(node: Node, keys: Mapping[str, dg.AssetKey]) -> dg.AssetSpec:
    kind = "seed" if node["resource_type"] == "seed" else node["config"]["materialized"]
    return dg.AssetSpec(
        key=keys[node["unique_id"]],
        deps=[keys[id_] for id_ in _parents(node) if id_ in keys],
        description=" ".join(node["description"].split()) or None,
        group_name=node["config"]["schema"],
        code_version=node["checksum"]["checksum"],
        is_virtual=kind == "view",  # always up to date with what it reads
        kinds={
            "dbt",
            "duckdb",
            "view" if kind == "view" else "seed" if kind == "seed" else "table",
        },
        owners=OWNERS if node["database"] == MARTS else [],
        metadata={
            "dagster/table_name": f"{node['database']}.{node['schema']}.{node['alias']}",
            **_columns(node),
        },
    )


def _columns(node: Node) -> dict[str, dg.TableSchema]:
    columns = [
        dg.TableColumn(column["name"], column["data_type"] or "?", column["description"])
        for column in node["columns"].values()
    ]
    return {"dagster/column_schema": dg.TableSchema(columns)} if columns else {}


def _check(
    node: Node, keys: Mapping[str, dg.AssetKey], manifest: Mapping[str, Any]
) -> dg.AssetCheckSpec | None:
    """A data test as a check of the model that it is about."""
    about = node.get("attached_node") or _furthest(_parents(node), manifest["parent_map"])
    if about is None or manifest["nodes"].get(about, {}).get("resource_type") not in BUILT:
        return None
    return dg.AssetCheckSpec(
        name=_NO_NAME.sub("_", node["name"]),
        asset=keys[about],
        description=node["description"] or "dbt data test",
        blocking=node["config"]["severity"].lower() == "error",
    )


def _furthest(ids: list[str], parents: Mapping[str, list[str]]) -> str | None:
    """Return the node that none of the others is built from."""
    above: set[str] = set()
    waiting = [parent for id_ in ids for parent in parents.get(id_, ())]
    while waiting:
        if (id_ := waiting.pop()) not in above:
            above.add(id_)
            waiting += parents.get(id_, ())
    return min((id_ for id_ in ids if id_ not in above), default=None)


def _parents(node: Node) -> list[str]:
    return sorted(set(node["depends_on"].get("nodes", ())))
