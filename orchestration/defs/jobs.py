"""Jobs and their schedules."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from orchestration.defs.instance import QUEUED, WRITER_TAG
from orchestration.defs.pruning import prune
from orchestration.home import Home

ZONE = "Asia/Shanghai"
DAILY_REFRESH, BACKFILL, PRUNE = "daily_refresh", "backfill", "prune"

JobLike = Any
"""Dagster has no public name for what `define_asset_job` returns."""


def console(level: str) -> dict[str, Any]:
    """Run config that prints no more than this level; the instance gets every event anyway."""
    return {"loggers": {"console": {"config": {"log_level": level}}}}


def asset_jobs(deliveries: list[dg.AssetKey]) -> list[JobLike]:
    """The jobs that write the warehouse."""
    tags = {WRITER_TAG: QUEUED}
    reports = dg.AssetSelection.groups("month_end")
    everything = (dg.AssetSelection.all() - reports).without_checks()  # see checks.py
    return [
        dg.define_asset_job(
            DAILY_REFRESH,
            everything - dg.AssetSelection.assets(*deliveries).without_checks(),
            description="Load what has landed, build what it changes, audit, publish. A run"
            " refreshes whatever has changed, so the daily and the hourly schedule start it alike:"
            " only a graph whose models have all seen the same changes is published.",
            tags=tags,
            config=console("ERROR"),
        ),
        dg.define_asset_job(
            BACKFILL,
            everything,
            description="Ask for a range of business dates to be built again, then do what"
            " daily_refresh does. The whole range is one run.",
            tags=tags,
            config=console("ERROR"),
        ),
    ]


def prune_job(home: Home, sources: list[str]) -> dg.JobDefinition:
    """The job that deletes old history."""

    @dg.op(name="prune_history")
    def prune_history(context: dg.OpExecutionContext) -> None:
        """Delete runs, events and records older than ANXIN_RETENTION_DAYS."""
        pruned = prune(home, context.instance, sources, spare=context.run.run_id)
        context.log.info(", ".join(f"{name}: {count}" for name, count in asdict(pruned).items()))

    @dg.job(
        name=PRUNE,
        description="Delete runs, events and run records older than ANXIN_RETENTION_DAYS.",
        executor_def=dg.in_process_executor,
    )
    def pruning() -> None:
        prune_history()

    return pruning


def schedules() -> list[dg.ScheduleDefinition]:
    """When the jobs run; each is switched on in the UI."""
    return [
        dg.ScheduleDefinition(
            name="daily",
            job_name=DAILY_REFRESH,
            cron_schedule="30 4 * * *",
            execution_timezone=ZONE,
            description="Every morning, when the files of the day before have landed.",
        ),
        dg.ScheduleDefinition(
            name="hourly_livestream",
            job_name=DAILY_REFRESH,
            cron_schedule="5 * * * *",
            execution_timezone=ZONE,
            description="Every hour, for livestream sessions that land during the day; without"
            " anything new the run ends at once.",
        ),
        dg.ScheduleDefinition(
            name="weekly_pruning",
            job_name=PRUNE,
            cron_schedule="0 3 * * 0",
            execution_timezone=ZONE,
        ),
    ]
