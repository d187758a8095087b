"""A plan in Dagster: a run whose metadata say what a backfill would touch."""

from __future__ import annotations

import hashlib

import dagster as dg
import pytest

from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import open_instance
from orchestration.defs.planning import BACKFILL_PLAN
from orchestration.home import Home
from tests.small_landing import DAYS

pytestmark = pytest.mark.whole


def test_a_run_of_the_plan_shows_it_and_changes_nothing(home: Home) -> None:
    files = (home.warehouse, home.published)
    before = [hashlib.sha256(path.read_bytes()).digest() for path in files]
    asked = {"from_date": DAYS[0], "to_date": DAYS[2]}
    with open_instance(home) as instance:
        result = (
            build_definitions(home)
            .resolve_job_def(BACKFILL_PLAN)
            .execute_in_process(
                instance=instance, run_config={"ops": {"plan_backfill": {"config": asked}}}
            )
        )
        assert result.success
        (output,) = [
            entry.dagster_event.step_output_data
            for entry in instance.all_logs(result.run_id, of_type=dg.DagsterEventType.STEP_OUTPUT)
            if entry.dagster_event
        ]
    shown = {name: value.value for name, value in output.metadata.items()}
    assert shown["dates"] == [DAYS[0]]
    assert shown["closed_periods"] == []
    assert shown["rows"] == sum(model["rows"] for model in shown["models"]) > 0
    assert shown["estimated_seconds"] > 0
    assert [hashlib.sha256(path.read_bytes()).digest() for path in files] == before
