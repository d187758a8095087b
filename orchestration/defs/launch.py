"""Runs a job in this process, on record in the home's Dagster instance."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from orchestration import log, transform
from orchestration.backfill import require_models
from orchestration.defs import alerts
from orchestration.defs.arrivals import require_dates
from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import cheap_history, command_tags, end_dead_runs, open_instance
from orchestration.defs.jobs import BACKFILL, DAILY_REFRESH, console
from orchestration.defs.project import read_project
from orchestration.defs.session import RunSession
from orchestration.defs.settings import require_sense
from orchestration.home import AnxinError, Home, UsageError
from orchestration.lock import Holder
from orchestration.records import RunRecord


def execute(
    home: Home,
    *,
    job: str = DAILY_REFRESH,
    select: str | None = None,
    full_refresh: bool = False,
    backfill: tuple[date, date] | None = None,
    backfill_select: str | None = None,
    wait: float | None = None,
    on_wait: Callable[[Holder], None] | None = None,
    on_node: Callable[[transform.NodeResult], None] | None = None,
) -> RunRecord:
    """Run a job to its end; the daily refresh is no Dagster run if there is nothing to do.

    Args:
        home: The home to run in; made if absent.
        job: Name of the job.
        select: Build only these models (dbt selection); they are not published.
        full_refresh: Rebuild every model from raw.
        backfill: First and last business date to build again; the job is then `backfill`.
        backfill_select: Names of the models that the range is built again in, by default all.
        wait: Seconds to wait for another writer, None without end.
        on_wait: Told who is waited for.
        on_node: Told about every dbt node that ends.

    Raises:
        AuditError: A critical audit failed; nothing was published.
        LockTimeoutError: Another writer was at work for longer than `wait`.
        UsageError: The dates of the backfill are no range of delivery dates, the selection
            names no model, or a variable of the environment makes no sense.
        KeyboardInterrupt: The run was interrupted; the next one goes on from there.
    """
    require_sense()
    home.create()
    run_id = str(uuid.uuid4())
    job = BACKFILL if backfill else job
    session = RunSession(
        home,
        wait=wait,
        retries=0,
        on_wait=on_wait,
        on_node=on_node,
        full_refresh=full_refresh,
        recompute=backfill_select,
        purpose=BACKFILL if backfill else "run",
    )
    may_rest = job == DAILY_REFRESH and select is None and not full_refresh
    tags = {**command_tags(), **(_range_tags(*backfill) if backfill else {})}
    with log.quiet(), _interruptible(), cheap_history(), open_instance(home) as instance:
        require_models(home, backfill_select)
        end_dead_runs(instance)
        if may_rest and (idle := session.rest(run_id)):
            return idle
        definitions = build_definitions(home, lambda: session)
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_id=run_id,
            tags=tags,
            run_config=console("CRITICAL"),
            asset_selection=None if select is None else _selected(home, select),
            raise_on_error=False,
        )
        if not result.success:
            _fail(session, result, job)
    return session.record or _bare_record(run_id, job)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn Dagster's own interruption back into the one that every command understands."""
    try:
        yield
    except dg.DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error


def _range_tags(first: date, last: date) -> dict[str, str]:
    require_dates(first, last)
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }


def _selected(home: Home, select: str) -> list[dg.AssetKey]:
    """The assets of a run that builds some models only; it loads what has landed all the same."""
    project = read_project(home)
    named = transform.selected(home, select) if select.split() else []
    chosen = {project.assets[id_].key for id_ in named if id_ in project.assets}
    if not chosen:
        raise UsageError(f"the selection {select!r} names no model")
    return sorted(chosen)


def _fail(session: RunSession, result: Any, job: str) -> None:  # noqa: ANN401
    """Tell that the run failed, and raise what it failed of."""
    error = session.error
    if error is None:
        failed = [e for e in result.all_events if e.is_failure]
        error = AnxinError(failed[0].message if failed else f"{job} failed")
    if isinstance(error, Exception):  # who interrupts a run knows about it
        known = session.record.message if session.record else None
        own = str(error) if isinstance(error, AnxinError) else alerts.UNKNOWN
        alerts.notify_failure(result.run_id, job, known or own)
    raise error


def _bare_record(run_id: str, job: str) -> RunRecord:
    return RunRecord(run_id, datetime.now(UTC), outcome="succeeded", message=f"{job} is done")
