"""A run whose process is gone is marked as failed, whichever job it is of."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.definitions import build_definitions
from orchestration.defs.instance import (
    PROCESS_TAG,
    end_dead_runs,
    open_instance,
    this_process,
)
from orchestration.defs.month_end import MONTH_END
from orchestration.defs.planning import BACKFILL_PLAN
from orchestration.home import Home
from tests.small_landing import DAYS

PID, HOST = os.getpid(), socket.gethostname()
ENDED = 2**22 + 1
"""More than Linux gives to any process."""


def ends(home: Home, process: str) -> bool:
    """Whether a run of a process is taken for dead."""
    with open_instance(home) as instance:
        run = dg.DagsterRun(
            job_name="any", status=dg.DagsterRunStatus.STARTED, tags={PROCESS_TAG: process}
        )
        instance.add_run(run)
        return run.run_id in end_dead_runs(instance)


@pytest.mark.parametrize(
    ("process", "is_dead"),
    [
        (this_process()[PROCESS_TAG], False),
        (f"{PID}@{HOST}", False),
        (f"{ENDED}@{HOST}", True),
        (f"{ENDED}.1@{HOST}", True),
        (f"{ENDED}.1@another-host", False),
        ("", False),
    ],
    ids=["this", "no start", "ended", "ended with start", "elsewhere", "unknown"],
)
def test_a_run_ends_with_its_process(tmp_path: Path, process: str, is_dead: bool) -> None:
    assert ends(Home(tmp_path), process) == is_dead


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_another_process_with_the_same_id_is_another(tmp_path: Path) -> None:
    start = this_process()[PROCESS_TAG].partition("@")[0].partition(".")[2]
    assert start.isdecimal()
    assert ends(Home(tmp_path), f"{PID}.{int(start) - 1}@{HOST}")


@pytest.mark.parametrize(
    ("job", "asked"),
    [
        (
            BACKFILL_PLAN,
            {
                "run_config": {
                    "ops": {"plan_backfill": {"config": {"from_date": DAYS[0], "to_date": DAYS[0]}}}
                }
            },
        ),
        (MONTH_END, {"partition_key": "2021-07-01"}),
    ],
)
def test_every_job_that_waits_in_the_queue_names_its_process(
    tmp_path: Path, job: str, asked: dict[str, object]
) -> None:
    home = Home(tmp_path).create()
    with open_instance(home) as instance:
        result = (
            build_definitions(home)
            .resolve_job_def(job)
            .execute_in_process(instance=instance, raise_on_error=False, **asked)
        )
        run = instance.get_run_by_id(result.run_id)
    assert run
    assert this_process().items() <= run.tags.items()
