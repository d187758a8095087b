"""Deletes what only the past needs: old runs with their events, run records."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.defs.deliveries import DATES, deliveries_key
from orchestration.home import Home, UsageError

RETENTION = "ANXIN_RETENTION_DAYS"
DEFAULT_DAYS = 90
_BATCH = 100
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
        UsageError: `ANXIN_RETENTION_DAYS` is no whole number of days above zero.
    """
    text = os.environ.get(RETENTION, "").strip() or str(DEFAULT_DAYS)
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{RETENTION} is {text!r}; it takes a whole number of days above zero")
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
    before = datetime.now(UTC) - (age or retention())
    known = {source: _dates(instance, source) for source in sources}
    runs = _delete_runs(instance, before, spare)
    kept_dates = _record_again(instance, known) if runs else 0
    return Pruned(runs, _delete_records(home, before), kept_dates)


def _delete_runs(instance: dg.DagsterInstance, before: datetime, spare: str | None) -> int:
    old = dg.RunsFilter(statuses=_ENDED, created_before=before)
    deleted = 0
    while True:
        records = instance.get_run_records(old, limit=_BATCH)
        ids = [r.dagster_run.run_id for r in records if r.dagster_run.run_id != spare]
        for run_id in ids:
            instance.delete_run(run_id)
        deleted += len(ids)
        if not ids:
            return deleted


def _dates(instance: dg.DagsterInstance, source: str) -> set[str]:
    """The dates that a source is known to have delivered."""
    keys = DATES.get_partition_keys()
    found = instance.get_status_by_partition(deliveries_key(source), keys, DATES) or {}
    return {key for key, status in found.items() if status and status.name == "MATERIALIZED"}


def _record_again(instance: dg.DagsterInstance, known: dict[str, set[str]]) -> int:
    count = 0
    for source, dates in known.items():
        for lost in sorted(dates - _dates(instance, source)):
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    deliveries_key(source),
                    partition=lost,
                    description="Delivered by a run that is no longer on record.",
                )
            )
            count += 1
    return count


def _delete_records(home: Home, before: datetime) -> int:
    """Delete the run records in the logs folder; rotated logs have their own limit."""
    limit = time.mktime(before.astimezone().timetuple())
    old = [p for p in (home.logs / "runs").glob("*.json") if p.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
