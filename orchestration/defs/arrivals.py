"""What a run does first: load what has landed, and record the dates that it touched."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from orchestration import pipeline
from orchestration.defs.project import Project
from orchestration.defs.session import Delivered, RunSession
from orchestration.home import Home, UsageError

DATES = dg.DailyPartitionsDefinition(
    start_date="2009-01-01", timezone="Asia/Shanghai", end_offset=2
)
"""The `dt` of deliveries, up to tomorrow. A dt is a civil date: one definition for all sources,
because a job takes one, in the zone where a day begins first."""


def require_dates(first: date, last: date) -> None:
    """Refuse a range of dates that no delivery may be about.

    Raises:
        UsageError: It reaches beyond them, or holds no date.
    """
    for day in (first, last):
        if not DATES.has_partition_key(day.isoformat()):
            raise UsageError(f"{day} is no date that deliveries may be about")
    if first > last:
        raise UsageError(f"the range from {first} to {last} holds no date")


def deliveries_key(source: str) -> dg.AssetKey:
    """Return the asset of a source's deliveries."""
    return dg.AssetKey([source, "deliveries"])


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
    return not set(project.tables) <= set(assets or ())


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
