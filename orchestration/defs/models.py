"""dbt models and seeds, built by the run's pipeline in this process."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from orchestration.defs.arrivals import deliver, is_subset
from orchestration.defs.checks import report_check
from orchestration.defs.project import MARTS, PUBLISHED, Project
from orchestration.defs.session import RESOURCE, RunSession, stage
from orchestration.home import Home
from orchestration.transform import NodeResult

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult


def model_assets(project: Project) -> dg.AssetsDefinition:
    """Every model and seed; a part of them can be selected."""

    @dg.multi_asset(
        name="build",
        specs=list(project.assets.values()),
        check_specs=list(project.checks.values()),
        can_subset=True,
        required_resource_keys={RESOURCE},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Result]:
        """Let dbt edit a clone of the published marts; only what changed is rebuilt."""
        nodes: list[NodeResult] = []
        with stage(context) as session:
            deliver(context, session)
            if session.decide(context.run.run_id, is_subset=is_subset(context, project)):
                return
            try:
                _build(context, project, session, nodes)
            except Exception:
                yield from report_tests(context, project, nodes)
                raise
            rows = count_rows(session.home, _built_tables(project, nodes))
        known = _unpublished(context, project)
        for node in nodes:
            spec = project.assets.get(node.unique_id)
            if spec and spec.key in context.selected_asset_keys and node.is_current:
                yield _materialized(spec.key, node, rows, known)
        yield from report_tests(context, project, nodes)

    return build


def count_rows(home: Home, tables: dict[dg.AssetKey, str]) -> dict[dg.AssetKey, int]:
    """Count the rows of tables of the warehouse and of the clone."""
    if not tables:
        return {}
    path = str(home.marts_next).replace("'", "''")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{path}' as {MARTS} (read_only)")
        counted = connection.execute(
            " union all by name ".join(
                f"select {number} as n, count(*) as rows from {table}"
                for number, table in enumerate(tables.values())
            )
        ).fetchall()
    keys = list(tables)
    return {keys[number]: rows for number, rows in counted}


def _build(
    context: dg.AssetExecutionContext,
    project: Project,
    session: RunSession,
    nodes: list[NodeResult],
) -> None:
    def note(node: NodeResult) -> None:
        nodes.append(node)
        if session.on_node:
            session.on_node(node)

    pipe = session.pipeline(context.run.run_id)
    session.is_built = True
    nodes.clear()
    pipe.build(select=_selection(context, project), full_refresh=session.full_refresh, on_node=note)


def _selection(context: dg.AssetExecutionContext, project: Project) -> str | None:
    """What dbt is to build; None for everything."""
    if context.selected_asset_keys >= set(project.tables):
        return None
    chosen = {id_ for id_, s in project.assets.items() if s.key in context.selected_asset_keys}
    chosen |= {
        id_
        for id_, check in project.checks.items()
        if check.key in context.selected_asset_check_keys
        and check.asset_key not in context.selected_asset_keys
    }
    return " ".join(sorted(project.selectors[id_] for id_ in chosen))


def _built_tables(project: Project, nodes: list[NodeResult]) -> dict[dg.AssetKey, str]:
    keys = [
        project.assets[node.unique_id].key for node in nodes if node.unique_id in project.assets
    ]
    return {key: project.tables[key] for key in keys if key in project.tables}


def _materialized(
    key: dg.AssetKey, node: NodeResult, rows: dict[dg.AssetKey, int], known: dict[str, bool]
) -> dg.MaterializeResult[None]:
    counted = {"dagster/row_count": rows[key]} if key in rows else {}
    return dg.MaterializeResult(
        asset_key=key, metadata={"seconds": round(node.seconds, 3), **counted, **known}
    )


def _unpublished(context: dg.AssetExecutionContext, project: Project) -> dict[str, bool]:
    """Metadata of what no later step of the run will publish; of the rest nothing is known yet."""
    selection = context.run.asset_selection
    goes_on = not selection or PUBLISHED in selection
    return {} if goes_on and not is_subset(context, project) else {"published": False}


def report_tests(
    context: dg.AssetExecutionContext, project: Project, nodes: list[NodeResult]
) -> Iterator[dg.AssetCheckResult]:
    """Report one evaluation per data test that ran."""
    for node in nodes:
        spec = project.checks.get(node.unique_id)
        if spec and node.ran:
            yield from report_check(
                context,
                spec,
                passed=node.status == "pass",
                is_warning=node.status == "warn",
                failing_rows=node.failures or 0,
            )
