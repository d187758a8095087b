"""Deletes what only the past needs: old runs with their events, run records."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.defs.arrivals import deliveries_key
from orchestration.home import Home, UsageError

RETENTION = "ANXIN_RETENTION_DAYS"
DEFAULT_DAYS = 90
_PAGE = 1000
_ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dataclass(frozen=True)
class Pruned:
    """What was deleted; `kept_dates` are delivery dates recorded anew without their run."""

    runs: int
    records: int
    kept_dates: int


def retention() -> timedelta:
    """Read how long history is kept.

    Raises:
        UsageError: `ANXIN_RETENTION_DAYS` is no whole number of days, or of more than 270 years.
    """
    text = os.environ.get(RETENTION, "").strip() or str(DEFAULT_DAYS)
    if not re.fullmatch("[1-9][0-9]{0,4}", text):
        raise UsageError(
            f"{RETENTION} is {text!r}; it takes a whole number of days from 1 to 99999"
        )
    return timedelta(days=int(text))


def prune(
    home: Home,
    instance: dg.DagsterInstance,
    sources: list[str],
    *,
    age: timedelta | None = None,
    spare: str | None = None,
) -> Pruned:
    """Delete what is older than the retention.

    Which dates were delivered stays on record: Dagster knows it from the events of runs, so
    dates that only deleted runs tell of are recorded again, without a run.

    Args:
        home: Whose history.
        instance: Dagster's, of the same home.
        sources: Names of the sources whose delivery dates are kept.
        age: How old; `ANXIN_RETENTION_DAYS` when not given.
        spare: A run that is not deleted, such as the pruning one.
    """
    before = datetime.now(UTC) - (retention() if age is None else age)
    old = _old_runs(instance, before) - {spare}
    kept_dates = sum(_record_again(instance, source, old) for source in sources) if old else 0
    for run_id in old:
        instance.delete_run(run_id)
        _delete_files(home, run_id)
    return Pruned(len(old), _delete_records(home, before), kept_dates)


def _old_runs(instance: dg.DagsterInstance, before: datetime) -> set[str]:
    """Runs that ended and are old enough."""
    records = instance.get_run_records(dg.RunsFilter(statuses=_ENDED, created_before=before))
    return {record.dagster_run.run_id for record in records}


def _delete_files(home: Home, run_id: str) -> None:
    """Delete the files of a run that its deletion leaves: its emptied event log, its outputs."""
    for path in (home.dagster / "history" / "runs").glob(f"{run_id}.db*"):
        path.unlink(missing_ok=True)
    shutil.rmtree(home.dagster / "storage" / run_id, ignore_errors=True)


def _record_again(instance: dg.DagsterInstance, source: str, old: set[str]) -> int:
    """Record the dates that only old runs tell of, without a run; return how many these are."""
    key = deliveries_key(source)
    told = _runs_by_date(instance, key)
    lost = sorted(day for day, run_ids in told.items() if run_ids <= old)
    for day in lost:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key, partition=day, description="Delivered by a run that is no longer on record."
            )
        )
    return len(lost)


def _runs_by_date(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, set[str]]:
    """The runs that tell of each delivery date."""
    found: dict[str, set[str]] = {}
    cursor = None
    while True:
        page = instance.fetch_materializations(key, _PAGE, cursor)
        for record in page.records:
            if record.partition_key:
                found.setdefault(record.partition_key, set()).add(record.run_id)
        if not page.has_more:
            return found
        cursor = page.cursor


def _delete_records(home: Home, before: datetime) -> int:
    """Delete the run records in the logs folder; rotated logs have their own limit."""
    limit = before.timestamp()
    old = [path for path in (home.logs / "runs").glob("*.json") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
