"""Old history goes; what was delivered when stays known."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from orchestration.defs.arrivals import deliveries_key
from orchestration.defs.instance import open_instance
from orchestration.defs.launch import execute
from orchestration.defs.pruning import prune, retention
from orchestration.home import Home, UsageError
from tests.small_landing import DAYS

from .conftest import run_job

pytestmark = pytest.mark.whole


def delivered(instance: dg.DagsterInstance) -> list[str | None]:
    """The dates that Dagster knows as delivered by the native source."""
    found = instance.fetch_materializations(deliveries_key("native"), limit=100)
    return [record.partition_key for record in found.records]


def test_old_runs_and_records_go_and_delivered_dates_stay(home: Home) -> None:
    with open_instance(home) as instance:
        before = delivered(instance)
        runs = instance.get_runs()
        pruned = prune(home, instance, ["native"], age=timedelta(0))
        assert (pruned.runs, pruned.records, pruned.kept_dates) == (len(runs), len(runs), 1)
        assert not instance.get_runs()
        assert delivered(instance) == before == [DAYS[0]]
    assert not list((home.logs / "runs").glob("*.json"))
    assert not [path for run in runs for path in home.dagster.rglob(f"{run.run_id}*")]


def test_a_date_is_recorded_again_once_only(home: Home) -> None:
    with open_instance(home) as instance:
        prune(home, instance, ["native"], age=timedelta(0))
    run_job(home)
    with open_instance(home) as instance:
        pruned = prune(home, instance, ["native"], age=timedelta(0))
        assert (pruned.runs, pruned.kept_dates) == (1, 0)
        assert delivered(instance) == [DAYS[0]]


def test_what_is_young_and_the_pruning_run_itself_stay(home: Home) -> None:
    with open_instance(home) as instance:
        newest, *others = instance.get_runs()
        assert prune(home, instance, ["native"], age=timedelta(days=1)).runs == 0
        pruned = prune(home, instance, ["native"], age=timedelta(0), spare=newest.run_id)
        assert pruned.runs == len(others)
        assert instance.get_runs() == [newest]


def test_the_prune_job_ends_green(home: Home) -> None:
    assert execute(home, job="prune").outcome == "succeeded"
    with open_instance(home) as instance:
        newest = instance.get_runs()[0]
    assert (newest.job_name, newest.status) == ("prune", dg.DagsterRunStatus.SUCCESS)


@pytest.mark.parametrize("text", ["0", "-1", "a week", "1e3", "1000000"])
def test_a_retention_that_makes_no_sense_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANXIN_RETENTION_DAYS", text)
    with pytest.raises(UsageError, match="ANXIN_RETENTION_DAYS"):
        retention()
