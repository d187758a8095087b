"""Random histories of a warehouse as a state machine, which shrinks what fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from .recording import Recording
from .replay import Failure
from .rows import DAYS, FIRST_DAY, rows
from .world import COUNTS, ENTITIES, File, World

ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
COMPARISONS = 3
"""At most, on the way; one more comes at the end."""

_WEIGHTS = {"orders": 3, "order_lines": 3, "claims": 3, "products": 2, "merchants": 2}


@st.composite
def files(draw: st.DrawFn) -> File:
    """A file of any entity, mostly of the native source."""
    feeds = [feed for feed in ENTITIES for _ in range(_WEIGHTS.get(feed, 1))]
    feed = draw(st.sampled_from(feeds))
    source = draw(st.sampled_from(["native", "native", "native", "partner"]))
    prefix = "" if source == "native" else f"{source}:"
    dt = FIRST_DAY + timedelta(days=draw(st.integers(0, 2)))
    name = draw(st.sampled_from("ab"))
    return File(source, feed, dt, name, tuple(draw(rows(ENTITIES[feed], prefix))))


class Histories(RuleBasedStateMachine):
    """Everything that happens to a warehouse, in any order."""

    recording: ClassVar[Recording]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.recording)
        self.comparisons = 0

    @invariant()
    def counted(self) -> None:
        COUNTS.steps += 1

    @rule(files=st.lists(files(), min_size=1, max_size=4))
    def deliver(self, files: list[File]) -> None:
        for file in files:
            self.world.deliver(file)

    @rule(file=files(), verdict=st.sampled_from(["held", "loaded"]))
    def keep_back(self, file: File, verdict: str) -> None:
        self.world.deliver(file, verdict)

    @precondition(lambda self: self.world.files)
    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        """The same path with some of its rows and some new ones."""
        old = data.draw(st.sampled_from(list(self.world.files.values())))
        kept = [row for row in old.rows if data.draw(st.booleans())]
        prefix = "" if old.source == "native" else f"{old.source}:"
        new = data.draw(rows(ENTITIES[old.feed], prefix)) if data.draw(st.booleans()) else []
        if kept + new:
            self.world.deliver(replace(old, rows=(*kept, *new)))

    @precondition(lambda self: self.world.files)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """An earlier content of a path, be it the current one or not."""
        self.world.deliver(data.draw(st.sampled_from(list(self.world.files.values()))))

    @precondition(lambda self: self.world.files)
    @rule(data=st.data())
    def deliver_twice(self, data: st.DataObject) -> None:
        """The same rows once more, in another file and twice in it."""
        old = data.draw(st.sampled_from(list(self.world.files.values())))
        self.world.deliver(replace(old, name="copy", rows=old.rows * 2))

    @rule(data=st.data(), verb=st.sampled_from(["release", "accept", "reject"]))
    def judge(self, data: st.DataObject, verb: str) -> None:
        status = {"release": "held", "accept": "loaded", "reject": "accepted"}[verb]
        if found := self.world.with_status(status):
            getattr(self.world, verb)(data.draw(st.sampled_from(found)))

    @rule()
    def run_all(self) -> None:
        self.world.run_all()

    @rule(data=st.data())
    def run_some(self, data: st.DataObject) -> None:
        names = [model.name for model in self.recording.models]
        self.world.run(data.draw(st.sets(st.sampled_from(names), min_size=1)))

    @rule(data=st.data(), after=st.integers(1, 8))
    def run_and_fail(self, data: st.DataObject, after: int) -> None:
        name = data.draw(st.sampled_from(self.recording.models)).name
        self.world.run(failure=Failure(name, after))

    @rule()
    def publish(self) -> None:
        self.world.publish()

    @rule()
    def drop_clone(self) -> None:
        self.world.drop_clone()

    @rule(generations=st.integers(1, 2))
    def roll_back(self, generations: int) -> None:
        self.world.roll_back(generations)

    @rule(first=st.integers(0, DAYS), days=st.integers(0, DAYS), data=st.data())
    def request(self, first: int, days: int, data: st.DataObject) -> None:
        start = FIRST_DAY + timedelta(days=first)
        names = [None, *(model.name for model in self.recording.models)]
        self.world.request(start, start + timedelta(days=days), data.draw(st.sampled_from(names)))

    @rule(data=st.data())
    def change_code(self, data: st.DataObject) -> None:
        self.world.change_code(data.draw(st.sampled_from(self.recording.models)).name)

    @rule(data=st.data())
    def change_seed(self, data: st.DataObject) -> None:
        self.world.change_seed(data.draw(st.sampled_from(sorted(self.recording.seeds))))

    @rule(source=st.sampled_from(["native", "partner"]), zone=st.sampled_from(ZONES))
    def change_zone(self, source: str, zone: str) -> None:
        self.world.change_zone(source, zone)

    @rule()
    def change_key(self) -> None:
        self.world.change_key()

    @rule(data=st.data())
    def drop_table(self, data: st.DataObject) -> None:
        self.world.drop_table(data.draw(st.sampled_from(self.recording.models)))

    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        self.world.damage(
            data.draw(st.sampled_from([model for model in self.recording.models if model.inputs]))
        )

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
