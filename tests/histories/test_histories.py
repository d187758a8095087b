"""Random histories: whatever happened, a refresh equals a full rebuild, row for row.

`ANXIN_HISTORY_SECONDS` bounds the histories of a usual test run, `ANXIN_HISTORIES` counts those
of a soak. A failure names the seed that replays it.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from orchestration.home import Home

from .machine import Histories
from .mutations import MUTATIONS, Mutation
from .recording import Recording, record
from .world import COUNTS

SECONDS = float(os.environ.get("ANXIN_HISTORY_SECONDS", "150"))
SOAK = int(os.environ.get("ANXIN_HISTORIES", "300"))
BATCH = 5
"""Histories per seed; the first of a seed is always the simplest one."""
STEPS = 16
UNTIL_CAUGHT = 60
"""Histories within which a planted mistake has to show."""
QUICK = {"an emptied group stays", "the log has no before images"}
"""Mistakes that a usual test run plants; a soak plants all."""


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What dbt runs for every model, recorded once."""
    return record(Home(tmp_path_factory.mktemp("recording") / "home").create())


def histories(number: int, count: int, recording: Recording, truth: Recording | None) -> None:
    """Live through some histories; the number is the seed."""
    machine = type("Histories", (Histories,), {"recording": recording, "truth": truth})
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=count,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            print_blob=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def live(number: int, recording: Recording) -> None:
    """Live through the histories of one seed, naming it if one fails."""
    try:
        histories(number, BATCH, recording, None)
    except BaseException as error:
        error.add_note(f"replay with: histories({number}, {BATCH}, recording, None)")
        raise


def test_a_refresh_equals_a_full_rebuild(recording: Recording) -> None:
    started, number = time.monotonic(), int(time.time())
    while time.monotonic() - started < SECONDS:
        live(number, recording)
        number += 1
    print(COUNTS)
    assert COUNTS.comparisons > COUNTS.histories > 0
    assert COUNTS.modes["refresh"] > COUNTS.modes["rebuild"] > 0


@pytest.mark.soak
def test_many_histories_hold(recording: Recording) -> None:
    for number in range(SOAK // BATCH):
        live(number, recording)
        print(number, COUNTS, flush=True)


@pytest.mark.parametrize(
    "mutation",
    [
        pytest.param(mutation, marks=() if mutation.name in QUICK else pytest.mark.soak)
        for mutation in MUTATIONS
    ],
    ids=lambda mutation: mutation.name,
)
def test_a_mistake_in_the_refresh_is_caught(mutation: Mutation, recording: Recording) -> None:
    planted = mutation.plant(recording)
    with pytest.raises(AssertionError):
        histories(1, UNTIL_CAUGHT, planted, recording)
