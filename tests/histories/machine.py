"""Random histories of a warehouse as a state machine, which shrinks what fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from .databases import Failure
from .recording import Recording
from .rows import DAYS, DELIVERED, FIRST_DAY, one_of_each, versions
from .world import COUNTS, ENTITIES, File, World

ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
COMPARISONS = 3
"""At most, on the way; one more comes at the end."""

_WEIGHTS = {"orders": 3, "order_lines": 3, "claims": 3, "products": 3, "merchants": 3}


_random = st.integers(0, 2**24).map(Random)


@st.composite
def beginnings(draw: st.DrawFn, feeds: Sequence[str]) -> list[File]:
    """A file of every entity, with all things that the small world has."""
    random = draw(_random)
    return [
        File("native", feed, FIRST_DAY, "first", one_of_each(ENTITIES[feed], random))
        for feed in feeds
    ]


@st.composite
def files(draw: st.DrawFn, feeds: Sequence[str]) -> File:
    """A file of any entity, mostly of the native source."""
    weighted = [feed for feed in feeds for _ in range(_WEIGHTS.get(feed, 1))]
    feed = draw(st.sampled_from(weighted))
    source = draw(st.sampled_from(["native"] * 6 + ["partner"]))
    prefix = "" if source == "native" else f"{source}:"
    dt = draw(st.sampled_from(DELIVERED))
    count = draw(st.integers(1, 3))
    rows = versions(ENTITIES[feed], prefix, draw(_random), count)
    return File(source, feed, dt, draw(st.sampled_from("abc")), rows)


class Histories(RuleBasedStateMachine):
    """Everything that happens to a warehouse, in any order."""

    recording: ClassVar[Recording]
    truth: ClassVar[Recording | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.recording, self.truth)
        self.names = [model.name for model in self.recording.models]
        self.comparisons = 0

    @invariant()
    def counted(self) -> None:
        COUNTS.steps += 1

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.world.deliver_all(data.draw(beginnings(self.recording.feeds)))
        self.world.run_all()
        self.world.back_up_warehouse()

    # What arrives

    @rule(data=st.data())
    def day(self, data: st.DataObject) -> None:
        """Files arrive, and models run: so does every rule below end."""
        some = st.lists(files(self.recording.feeds), min_size=1, max_size=4)
        self.world.deliver_all(data.draw(some))
        how = data.draw(st.sampled_from(["all", "all", "some", "fail", "not"]))
        if how == "all":
            self.world.run_all()
        elif how == "some":
            self.world.run(data.draw(st.sets(st.sampled_from(self.names), min_size=1)))
        elif how == "fail":
            failing = data.draw(st.sets(st.sampled_from(self.names), min_size=1, max_size=6))
            self.world.run(failure=Failure(frozenset(failing), data.draw(st.integers(1, 5))))

    @rule(data=st.data(), count=st.integers(0, 2), random=_random)
    def correct(self, data: st.DataObject, count: int, random: Random) -> None:
        """The same path with some of its rows and some new ones."""
        old = data.draw(self._delivered())
        kept = [row for row in old.rows if random.random() < 1 / 2]
        prefix = "" if old.source == "native" else f"{old.source}:"
        new = versions(ENTITIES[old.feed], prefix, random, count)
        if kept or new:
            self.world.deliver(replace(old, rows=(*kept, *new)))
        self.day(data)

    @rule(data=st.data(), twice=st.booleans())
    def deliver_again(self, data: st.DataObject, twice: bool) -> None:
        """An earlier content of a path, current or not; or its rows twice in another file."""
        old = data.draw(self._delivered())
        self.world.deliver(replace(old, name="copy", rows=old.rows * 2) if twice else old)
        self.day(data)

    @rule(data=st.data(), verb=st.sampled_from(["hold", "leave", "release", "accept", "reject"]))
    def judge(self, data: st.DataObject, verb: str) -> None:
        """Keep a file back, or change the verdict over one."""
        if verb in ("hold", "leave"):
            verdict = {"hold": "held", "leave": "loaded"}[verb]
            self.world.deliver(data.draw(files(self.recording.feeds)), verdict)
        else:
            status = {"release": "held", "accept": "loaded", "reject": "accepted"}[verb]
            if found := self.world.with_status(status):
                getattr(self.world, verb)(data.draw(st.sampled_from(found)))
        self.day(data)

    # What is asked, published, changed and lost

    @rule(data=st.data(), first=st.integers(0, DAYS), days=st.integers(0, DAYS))
    def request(self, data: st.DataObject, first: int, days: int) -> None:
        """Spoil a model or not, and ask for a range of dates."""
        if data.draw(st.booleans()):
            spoilt = [model for model in self.recording.models if model.inputs]
            self.world.damage(data.draw(st.sampled_from(spoilt)))
        else:
            start = FIRST_DAY + timedelta(days=first)
            selection = data.draw(st.sampled_from([None, *self.names]))
            self.world.request(start, start + timedelta(days=days), selection)
        self.day(data)

    @rule()
    def publish(self) -> None:
        self.world.run_all()
        self.world.publish()

    @precondition(lambda self: self.world.published)
    @rule(data=st.data(), generations=st.integers(0, 2))
    def go_back(self, data: st.DataObject, generations: int) -> None:
        """Drop the clone, or roll back to an older generation."""
        self.world.roll_back(generations)
        self.day(data)

    @rule(data=st.data())
    def change_code(self, data: st.DataObject) -> None:
        """Change what a model yields."""
        self.world.change_code(data.draw(st.sampled_from(self.names)))
        self.day(data)

    @rule(
        data=st.data(),
        what=st.sampled_from(
            ["seed", "zone", "key", "table", "branch", "branch", "marts", "warehouse", "warehouse"]
        ),
    )
    def upheaval(self, data: st.DataObject, what: str) -> None:
        """Change what stands beside the data, or lose a part of it."""
        if what == "seed":
            self.world.change_seed(data.draw(st.sampled_from(sorted(self.recording.seeds))))
        elif what == "zone":
            source = data.draw(st.sampled_from(["native", "partner"]))
            self.world.change_zone(source, data.draw(st.sampled_from(ZONES)))
        elif what == "key":
            self.world.change_key()
        elif what == "table":
            self.world.drop_table(data.draw(st.sampled_from(self.recording.models)))
        elif what == "branch":
            self.world.remove_branch(data.draw(st.sampled_from(self.names)))
        elif what == "marts":
            self.world.lose_marts()
        else:
            self.world.restore_warehouse()
        self.day(data)

    @precondition(lambda self: self.comparisons < COMPARISONS)
    @rule()
    def compare(self) -> None:
        self.comparisons += 1
        self.world.compare()

    def teardown(self) -> None:
        try:
            self.world.compare()
        finally:
            self.world.close()

    def _delivered(self) -> st.SearchStrategy[File]:
        return st.sampled_from(list(self.world.files.values()))
