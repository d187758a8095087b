"""All that Dagster shows and starts, for one home."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg

from orchestration.defs.arrivals import deliveries_key
from orchestration.defs.deliveries import deliveries_assets
from orchestration.defs.jobs import asset_jobs, prune_job, schedules
from orchestration.defs.models import model_assets
from orchestration.defs.month_end import month_end_assets, month_end_job
from orchestration.defs.planning import plan_job
from orchestration.defs.project import read_project
from orchestration.defs.published import published_assets
from orchestration.defs.raw import raw_assets
from orchestration.defs.sensors import failure_sensor, landing_sensor
from orchestration.defs.session import RESOURCE, RunSession, session_resource
from orchestration.home import Home
from orchestration.ingestion.sources import load_sources


def build_definitions(home: Home, make: Callable[[], RunSession] | None = None) -> dg.Definitions:
    """Put the definitions together.

    Args:
        home: The home that the jobs write and the sensors watch.
        make: Makes the session of a run; by default one that nobody watches.
    """
    project, sources = read_project(home), load_sources()
    return dg.Definitions(
        assets=[
            deliveries_assets(project, sources),
            raw_assets(project, sources),
            model_assets(project),
            published_assets(project),
            *month_end_assets(home),
        ],
        jobs=[
            *asset_jobs([deliveries_key(source) for source in sources]),
            month_end_job(),
            plan_job(home),
            prune_job(home, list(sources)),
        ],
        schedules=schedules(),
        sensors=[landing_sensor(home), failure_sensor(home)],
        resources={RESOURCE: session_resource(make or (lambda: RunSession(home)))},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the home in `ANXIN_HOME`."""
    return build_definitions(Home.from_environment())
