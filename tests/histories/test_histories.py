"""Random histories: whatever happened, a refresh equals a full rebuild, row for row.

- `ANXIN_HISTORY_SECONDS` bounds the histories of a usual test run.
- `ANXIN_HISTORIES` counts the whole ones of a soak (`pytest -m soak`).
- `ANXIN_HISTORY_SEED` is the first seed, 0 unless told. A failure names the seed that replays it.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import COMPARISONS, STEPS, Histories
from .recording import Recording
from .world import COUNTS

SECONDS = float(os.environ.get("ANXIN_HISTORY_SECONDS", "180"))
SOAK = int(os.environ.get("ANXIN_HISTORIES", "300"))
FIRST_SEED = int(os.environ.get("ANXIN_HISTORY_SEED", "0"))
BATCH, SMALL_BATCH = 5, 3
"""Histories per seed in a soak and in a usual run, whose time is looked at in between; the first of
a seed is always the simplest one."""
PART, SEEDS_APART = 10, 1_000
"""Whole histories of one test of a soak, so that cores share them, and what its first seed is."""


def live(number: int, count: int, recording: Recording) -> None:
    """Live through some histories; the number is the seed."""
    machine = type("Histories", (Histories,), {"recording": recording})
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=count,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def live_batch(number: int, recording: Recording, count: int = BATCH) -> None:
    """Live through the histories of one seed, naming it if one fails."""
    try:
        live(number, count, recording)
    except BaseException as error:
        error.add_note(
            f"live({number}, {count}, recording) failed; ANXIN_HISTORY_SEED={number}"
            f" ANXIN_HISTORY_SECONDS=1 or ANXIN_HISTORIES=1 replays it"
        )
        raise


def test_a_refresh_equals_a_full_rebuild(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    started, number = time.monotonic(), FIRST_SEED
    while time.monotonic() - started < SECONDS:
        live_batch(number, recording, SMALL_BATCH)
        number += 1
    with capsys.disabled():
        print(f"\nseeds {FIRST_SEED} to {number - 1}: {COUNTS}")
    assert COUNTS.whole > 0
    assert COUNTS.steps >= COUNTS.whole * STEPS
    assert COUNTS.comparisons >= COUNTS.whole * (COMPARISONS + 1)
    assert COUNTS.modes["refresh"] > COUNTS.modes["rebuild"] > 0


@pytest.mark.soak
@pytest.mark.parametrize("part", range(-(-SOAK // PART)))
def test_many_histories_hold(
    part: int, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted, number = COUNTS.whole + PART, FIRST_SEED + part * SEEDS_APART
    while COUNTS.whole < wanted:
        live_batch(number, recording)
        number += 1
    with capsys.disabled():
        print(f"\nseeds to {number - 1}: {COUNTS}", end="")
