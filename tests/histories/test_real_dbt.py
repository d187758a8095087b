"""Histories in which dbt runs the models, to show that the replay is true to it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from .databases import Failure
from .loading import ENTITIES, File
from .real_dbt import DbtPair
from .recording import Recording
from .rows import FIRST_DAY, one_of_each, versions
from .world import World

pytestmark = pytest.mark.whole


def begin(world: World, random: Random) -> None:
    """Deliver one version of everything, and run."""
    world.deliver_all(
        [
            File("native", feed, FIRST_DAY, "first", one_of_each(ENTITIES[feed], random))
            for feed in world.recording.feeds
        ]
    )
    world.run_all()


def change(world: World, random: Random, name: str) -> None:
    """Deliver versions of everything, at one path per feed and name."""
    world.deliver_all(
        [
            File("native", feed, FIRST_DAY, name, versions(ENTITIES[feed], random, 2))
            for feed in world.recording.feeds
        ]
    )


def corrections(world: World) -> None:
    """New versions, other content at their paths, a part of the models, then all."""
    random = Random(1)  # noqa: S311 (data, not a secret)
    begin(world, random)
    change(world, random, "a")
    world.run({"int_orders_current", "fct_orders", "int_claims_current", "fct_claims"})
    change(world, random, "a")
    world.run_all()
    for feed in ("creators", "livestream_traffic"):  # most models stay idle
        rows = versions(ENTITIES[feed], random, 2)
        world.deliver(File("native", feed, FIRST_DAY, "alone", rows))
        world.run_all()


def losses(world: World) -> None:
    """A generation that the marts go back to, models that fail, and a full run over it all."""
    random = Random(2)  # noqa: S311 (data, not a secret)
    begin(world, random)
    world.publish()
    change(world, random, "a")
    world.run(failure=Failure(frozenset({"fct_order_lines", "int_claims_current"}), 4))
    change(world, random, "b")
    world.roll_back(0)
    world.run_all()


def agree(history: Callable[[World], None], recording: Recording, pair: DbtPair) -> None:
    """Live a history with dbt and in the replay: all rows, heads and marks must be the same."""
    real, replayed = World(recording, pair=pair), World(recording)
    history(real)
    history(replayed)
    assert not (differences := pair.differences(replayed.pair)), differences
    assert pair.heads() == replayed.pair.heads()
    assert pair.marks() == replayed.pair.marks()
    assert any(pair.digest(model)[0] for model in recording.models if "agg_" in model.name)
    replayed.compare()
    replayed.close()


def test_dbt_and_the_replay_agree_on_corrections(recording: Recording, dbt_pair: DbtPair) -> None:
    agree(corrections, recording, dbt_pair)


@pytest.mark.soak
def test_dbt_and_the_replay_agree_on_losses_and_failures(
    recording: Recording, dbt_pair: DbtPair
) -> None:
    agree(losses, recording, dbt_pair)
