"""A history in which everything happens, some of it alone, some of it all at once.

Random histories have few things in them, so that what fails can be understood. What one of them
meets by chance in an hour, this one meets in two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import Random

from .databases import Failure
from .loading import ENTITIES, File
from .rows import DELIVERED, FIRST_DAY, one_of_each, versions
from .world import World

MANY = 15
_COMPARED_EACH = 7
"""Corrections of one file each, between two comparisons."""


def eventful(world: World, random: Random) -> Iterator[str]:
    """Live through it; say what has just happened whenever every row is to be compared."""
    feeds = world.recording.feeds
    world.deliver_all(
        [
            File("native", feed, FIRST_DAY, "first", one_of_each(ENTITIES[feed], random))
            for feed in feeds
        ]
    )
    world.run_all()
    for _ in range(2):  # while there is one version of most things, and when there are several
        for number, feed in enumerate(random.sample(feeds, len(feeds)), start=1):
            old = random.choice([file for file in world.files.values() if file.feed == feed])
            _deliver(world, [replace(old, rows=versions(ENTITIES[feed], random, len(old.rows)))])
            if number % _COMPARED_EACH == 0:
                yield "files were corrected one by one"
        _deliver(world, files(feeds, MANY, random, DELIVERED[:2]))
    for day in DELIVERED[2:]:
        _deliver(world, files(feeds, 1, random, [day]))
        yield "dates matured"
    _deliver(world, files(feeds, MANY, random))
    yield "many files came"
    _deliver(world, corrected(world, random))
    yield "many files were corrected"

    names = [model.name for model in world.recording.models]
    for statements in (1, 5):
        world.deliver_all(files(feeds, MANY, random))
        world.run(failure=Failure(frozenset(random.sample(names, MANY)), statements))
    yield "models failed"
    for name in random.sample(names, 8):
        world.change_code(name)
    world.run_all()
    _deliver(world, files(feeds, MANY, random))
    yield "code changed"
    for delivery_id in random.sample(world.with_status("accepted"), MANY):
        world.reject(delivery_id)
    yield "deliveries were rejected"
    world.erase("customer0")
    world.run_all()
    yield "a person was erased"
    _deliver(world, files(feeds, MANY, random))
    for model in world.recording.models:
        if model.inputs and world.recording.branch(model.name) == (model,):
            world.damage(model)
    yield "rows were lost"


def files(
    feeds: Sequence[str], count: int, random: Random, days: Sequence[date] = DELIVERED
) -> list[File]:
    """Some files, many of them at the same paths."""
    return [
        File(
            random.choice(["native"] * 4 + ["partner"]),
            feed,
            random.choice(days),
            random.choice("abc"),
            versions(ENTITIES[feed], random, 3),
        )
        for feed in random.choices(feeds, k=count)
    ]


def corrected(world: World, random: Random) -> list[File]:
    """Delivered files without some of their rows, and with another one."""
    return [
        replace(
            old,
            rows=(
                *(row for row in old.rows if random.random() < 1 / 2),
                *versions(ENTITIES[old.feed], random, 1),
            ),
        )
        for old in random.sample(list(world.files.values()), MANY)
    ]


def _deliver(world: World, delivered: Sequence[File]) -> None:
    world.deliver_all(delivered)
    world.run_all()
