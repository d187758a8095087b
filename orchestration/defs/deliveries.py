"""Deliveries by source and date, the only partitioned assets: what a backfill is made of."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from orchestration import pipeline
from orchestration.backfill import require_models
from orchestration.defs.arrivals import DATES, deliver, deliveries_key
from orchestration.defs.models import report_tests
from orchestration.defs.project import OWNERS, PUBLISHED, Project
from orchestration.defs.published import report_suites
from orchestration.defs.session import RESOURCE, RunSession, stage
from orchestration.home import UsageError
from orchestration.ingestion.sources import Source
from orchestration.transform import NodeResult

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult


def deliveries_assets(project: Project, sources: dict[str, Source]) -> dg.AssetsDefinition:
    """Deliveries by date: running a range builds it again, whatever else the run is made of."""
    specs = [
        dg.AssetSpec(
            key=deliveries_key(source),
            description=f"One row per delivery of a file by {source}, by the date (dt) of its"
            " folder; a run records only the dates that it touched. Materializing dates loads"
            " what has landed and builds their business dates again, in one run.",
            group_name="deliveries",
            kinds={"file"},
            owners=OWNERS,
        )
        for source in sources
    ]

    @dg.multi_asset(
        name="deliveries",
        specs=specs,
        partitions_def=DATES,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        required_resource_keys={RESOURCE},
    )
    def deliveries(context: dg.AssetExecutionContext) -> Iterator[Result]:
        """Load what has landed, and ask for the dates to be built again."""
        with stage(context) as session:
            first, last = _dates(context)
            require_models(session.home, session.recompute)
            deliver(context, session)
            change_seq = session.request_recompute(first, last)
            if _lacks_publishing(context):
                yield from _complete(context, project, session)
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(asset_key=key, metadata={"recompute_request": change_seq})

    return deliveries


def _dates(context: dg.AssetExecutionContext) -> tuple[date, date]:
    """The first and the last date that the run was told to build again."""
    if not context.has_partition_key and not context.has_partition_key_range:
        raise UsageError("the run names no dates: choose them, or start daily_refresh instead")
    dates = context.partition_key_range
    return date.fromisoformat(dates.start), date.fromisoformat(dates.end)


def _lacks_publishing(context: dg.AssetExecutionContext) -> bool:
    """Whether no later step of the run will build and publish."""
    selected = context.run.asset_selection
    return bool(selected) and PUBLISHED not in set(selected or ())


def _complete(
    context: dg.AssetExecutionContext, project: Project, session: RunSession
) -> Iterator[Result]:
    """Build, audit and publish within this step, and record what was built."""
    built: list[NodeResult] = []
    pipe = session.pipeline(context.run.run_id)
    try:
        record = pipeline.complete(pipe, full_refresh=session.full_refresh, on_node=built.append)
    except Exception:
        yield from _checks(context, project, built, pipe)
        raise
    metadata: dict[str, Any] = {"published": record.generation_id is not None}
    for node in built:
        spec = project.assets.get(node.unique_id)
        if spec and node.is_current:
            context.log_event(dg.AssetMaterialization(spec.key, metadata=metadata))
    if record.generation_id is not None:
        metadata["generation"] = record.generation_id
        context.log_event(dg.AssetMaterialization(PUBLISHED, metadata=metadata))
    yield from _checks(context, project, built, pipe)
    context.log.info(record.message)


def _checks(
    context: dg.AssetExecutionContext,
    project: Project,
    built: list[NodeResult],
    pipe: pipeline.Pipeline,
) -> Iterator[dg.AssetCheckResult]:
    yield from report_tests(context, project, built)
    yield from report_suites(context, pipe.audits)
