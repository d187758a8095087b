"""Random histories of a warehouse as a state machine, which shrinks what fails."""

from __future__ import annotations

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
from .rows import DAYS, FIRST_DAY, one_of_each, versions
from .world import COUNTS, ENTITIES, File, World

ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
COMPARISONS = 3
"""At most, on the way; one more comes at the end."""

_WEIGHTS = {"orders": 3, "order_lines": 3, "claims": 3, "products": 3, "merchants": 3}


_random = st.integers(0, 2**24).map(Random)


@st.composite
def beginnings(draw: st.DrawFn) -> list[File]:
    """A file of every entity, with all things that the small world has."""
    random = draw(_random)
    return [
        File("native", feed, FIRST_DAY, "first", one_of_each(entity, random))
        for feed, entity in ENTITIES.items()
    ]


@st.composite
def files(draw: st.DrawFn) -> File:
    """A file of any entity, mostly of the native source."""
    feeds = [feed for feed in ENTITIES for _ in range(_WEIGHTS.get(feed, 1))]
    feed = draw(st.sampled_from(feeds))
    source = draw(st.sampled_from(["native"] * 6 + ["partner"]))
    prefix = "" if source == "native" else f"{source}:"
    dt = FIRST_DAY + timedelta(days=draw(st.integers(0, 2)))
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

    @initialize(files=beginnings())
    def begin(self, files: list[File]) -> None:
        self.world.deliver_all(files)
        self.world.run_all()
        self.world.back_up_warehouse()

    # What arrives

    @rule(data=st.data(), files=st.lists(files(), min_size=1, max_size=4))
    def deliver(self, data: st.DataObject, files: list[File]) -> None:
        self.world.deliver_all(files)
        self._run(data)

    @rule(
        data=st.data(), files=st.lists(files(), max_size=2), count=st.integers(0, 2), random=_random
    )
    def correct(self, data: st.DataObject, files: list[File], count: int, random: Random) -> None:
        """The same path with some of its rows and some new ones, beside other files."""
        old = data.draw(self._delivered())
        kept = [row for row in old.rows if random.random() < 1 / 2]
        prefix = "" if old.source == "native" else f"{old.source}:"
        new = versions(ENTITIES[old.feed], prefix, random, count)
        if kept or new:
            self.world.deliver(replace(old, rows=(*kept, *new)))
        self.world.deliver_all(files)
        self._run(data)

    @rule(data=st.data(), twice=st.booleans())
    def deliver_again(self, data: st.DataObject, twice: bool) -> None:
        """An earlier content of a path, current or not; or its rows twice in another file."""
        old = data.draw(self._delivered())
        self.world.deliver(replace(old, name="copy", rows=old.rows * 2) if twice else old)
        self._run(data)

    @rule(data=st.data(), file=files(), verdict=st.sampled_from(["held", "loaded"]))
    def keep_back(self, data: st.DataObject, file: File, verdict: str) -> None:
        self.world.deliver(file, verdict)
        self._run(data)

    @rule(data=st.data(), verb=st.sampled_from(["release", "accept", "reject"]))
    def judge(self, data: st.DataObject, verb: str) -> None:
        status = {"release": "held", "accept": "loaded", "reject": "accepted"}[verb]
        if found := self.world.with_status(status):
            getattr(self.world, verb)(data.draw(st.sampled_from(found)))
            self._run(data)

    # What is asked, lost and changed

    @rule(data=st.data(), first=st.integers(0, DAYS), days=st.integers(0, DAYS))
    def request(self, data: st.DataObject, first: int, days: int) -> None:
        start = FIRST_DAY + timedelta(days=first)
        selection = data.draw(st.sampled_from([None, *self.names]))
        self.world.request(start, start + timedelta(days=days), selection)

    @rule()
    def publish(self) -> None:
        self.world.run_all()
        self.world.publish()

    @precondition(lambda self: self.world.published)
    @rule(generations=st.integers(0, 2))
    def go_back(self, generations: int) -> None:
        """Drop the clone, or roll back to an older generation."""
        self.world.roll_back(generations)

    @rule(data=st.data())
    def change_code(self, data: st.DataObject) -> None:
        """Change what a model yields."""
        self.world.change_code(data.draw(st.sampled_from(self.names)))
        self._run(data)

    @rule(data=st.data(), what=st.sampled_from(["seed", "seed", "zone", "key"]))
    def change_surroundings(self, data: st.DataObject, what: str) -> None:
        """Change what stands beside the data: a seed, a source's time zone, the customers' key."""
        if what == "seed":
            self.world.change_seed(data.draw(st.sampled_from(sorted(self.recording.seeds))))
        elif what == "zone":
            source = data.draw(st.sampled_from(["native", "partner"]))
            self.world.change_zone(source, data.draw(st.sampled_from(ZONES)))
        else:
            self.world.change_key()
        self._run(data)

    @rule(data=st.data(), what=st.sampled_from(["rows", "rows", "table", "marts"]))
    def lose(self, data: st.DataObject, what: str) -> None:
        """Lose rows, a table or the whole marts."""
        if what == "rows":
            models = [model for model in self.recording.models if model.inputs]
            self.world.damage(data.draw(st.sampled_from(models)))
        elif what == "table":
            self.world.drop_table(data.draw(st.sampled_from(self.recording.models)))
        else:
            self.world.lose_marts()
        self._run(data)

    @rule(data=st.data())
    def restore_warehouse(self, data: st.DataObject) -> None:
        self.world.restore_warehouse()
        self._run(data)

    @rule(data=st.data())
    def remove_branch(self, data: st.DataObject) -> None:
        self.world.remove_branch(data.draw(st.sampled_from(self.names)))
        self._run(data)

    # What runs

    def _run(self, data: st.DataObject) -> None:
        """Run all models, or some, or let some fail, or run nothing yet."""
        how = data.draw(st.sampled_from(["all", "all", "some", "fail", "not"]))
        if how == "all":
            self.world.run_all()
        elif how == "some":
            self.world.run(data.draw(st.sets(st.sampled_from(self.names), min_size=1)))
        elif how == "fail":
            failing = data.draw(st.sets(st.sampled_from(self.names), min_size=1, max_size=6))
            self.world.run(failure=Failure(frozenset(failing), data.draw(st.integers(1, 5))))

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
