"""The comparison with a rebuild can fail: it catches whatever is wrong in the refresh."""

from __future__ import annotations

from random import Random

import pytest

from .eventful import eventful
from .mutations import MUTATIONS, Mutation
from .recording import Recording
from .world import World

TRIES = 5
"""Eventful histories within which a planted mistake has to show; most show in the first."""

pytestmark = pytest.mark.soak


def live(world: World, seed: int) -> None:
    """Live through an eventful history and compare it with a rebuild wherever it says so."""
    happened = "nothing yet"
    try:
        for happened in eventful(world, Random(seed)):  # noqa: B007, S311 (told below; data)
            world.compare()
    except AssertionError as error:
        error.add_note(f"seed {seed}, after: {happened}")
        raise


def test_without_a_mistake_the_history_holds(recording: Recording) -> None:
    for seed in range(TRIES):
        live(World(recording), seed)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mistake_in_the_refresh_is_caught(
    mutation: Mutation, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = mutation.plant(recording)
    with pytest.raises(AssertionError, match=r"only the refreshed|^stale: ") as caught:
        for seed in range(TRIES):
            live(World(planted, recording), seed)
    with capsys.disabled():
        print(f"\n{mutation.name}: {caught.value.__notes__}", end="")
