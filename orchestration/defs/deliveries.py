"""Deliveries: what has landed, by source and date."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from orchestration import pipeline
from orchestration.defs.project import OWNERS, PUBLISHED, Project
from orchestration.defs.session import RESOURCE, Delivered, RunSession, stage
from orchestration.home import Home
from orchestration.ingestion.sources import Source
from orchestration.transform import NodeResult

Result = dg.MaterializeResult[Any]

DATES = dg.DailyPartitionsDefinition(
    start_date="2009-01-01", timezone="Asia/Shanghai", end_offset=2
)
"""The `dt` of deliveries, up to tomorrow. A dt is a civil date: one definition for all sources,
because a job takes one, in the zone where a day begins first."""


def deliveries_key(source: str) -> dg.AssetKey:
    """Return the asset of a source's deliveries."""
    return dg.AssetKey([source, "deliveries"])


def deliveries_assets(project: Project, sources: dict[str, Source]) -> dg.AssetsDefinition:
    """Deliveries by date: running a range loads what has landed and asks for a recomputation."""
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
            deliver(context, session)
            dates = context.partition_key_range
            first, last = date.fromisoformat(dates.start), date.fromisoformat(dates.end)
            change_seq = session.request_recompute(first, last)
            if is_alone(context):
                _complete(context, project, session)
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(asset_key=key, metadata={"recompute_request": change_seq})

    return deliveries


def deliver(context: dg.AssetExecutionContext, session: RunSession) -> Delivered:
    """Load what has landed, once per run, and record the dates that it touched."""
    delivered, is_first = session.deliver(context.run.run_id)
    if is_first:
        for event in _touched(session.home, delivered):
            context.log_event(event)
    return delivered


def is_subset(context: dg.AssetExecutionContext, project: Project) -> bool:
    """Whether the run was told to build some of the models only, or to evaluate some checks."""
    assets, checks = context.run.asset_selection, context.run.asset_check_selection
    if not assets and not checks:
        return False
    return not {spec.key for spec in project.assets.values()} <= set(assets or ())


def is_alone(context: dg.AssetExecutionContext) -> bool:
    """Whether the run consists of this step: then what follows has to happen in it."""
    selected = context.run.asset_selection
    return bool(selected) and set(selected or ()) <= set(context.selected_asset_keys)


def _complete(context: dg.AssetExecutionContext, project: Project, session: RunSession) -> None:
    """Build, audit and publish within this step, and record what was built."""
    built: list[NodeResult] = []
    pipe = session.pipeline(context.run.run_id)
    record = pipeline.complete(pipe, full_refresh=session.full_refresh, on_node=built.append)
    for node in built:
        spec = project.assets.get(node.unique_id)
        if spec and node.status == "success":
            context.log_event(dg.AssetMaterialization(spec.key))
    if record.generation_id is not None:
        metadata = {"generation": record.generation_id}
        context.log_event(dg.AssetMaterialization(PUBLISHED, metadata=metadata))
    context.log.info(record.message)


def _touched(home: Home, delivered: Delivered) -> Iterator[dg.AssetMaterialization]:
    """One materialization per source and date of the deliveries of this run."""
    if not delivered.ids:
        return
    with pipeline.connect(home) as connection:
        found = connection.execute(_TOUCHED, [delivered.ids]).fetchall()
    for source, dt, *counts in found:
        if DATES.has_partition_key(dt.isoformat()):
            yield dg.AssetMaterialization(
                deliveries_key(source),
                partition=dt.isoformat(),
                metadata=dict(zip(_COUNTS, counts, strict=True)),
            )


_COUNTS = (
    "files",
    "files_held",
    "files_rejected",
    "rows_read",
    "rows_accepted",
    "rows_quarantined",
)
_TOUCHED = """
select
    source, dt,
    count(*),
    count(*) filter (status = 'held'),
    count(*) filter (status = 'rejected'),
    cast(coalesce(sum(rows_read), 0) as bigint),
    cast(coalesce(sum(rows_accepted), 0) as bigint),
    cast(coalesce(sum(rows_quarantined), 0) as bigint)
from raw.deliveries
where delivery_id in (select unnest(?::bigint[])) and source is not null and dt is not null
group by source, dt
order by source, dt
"""
