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
from .loading import ENTITIES, File
from .recording import Recording
from .rows import DAYS, DELIVERED, FIRST_DAY, broken, one_of_each, versions
from .world import COUNTS, World

ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
STEPS = 13
"""Rules of a history, the first files and run among them."""
COMPARISONS = 2
"""With a rebuild, after random steps on the way; one more comes at the end."""

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
    dt = draw(st.sampled_from(DELIVERED))
    rows = versions(ENTITIES[feed], draw(_random), draw(st.integers(1, 3)))
    return File(source, feed, dt, draw(st.sampled_from("abc")), rows)


class Histories(RuleBasedStateMachine):
    """Everything that happens to a warehouse, in any order."""

    recording: ClassVar[Recording]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.recording)
        self.names = [model.name for model in self.recording.models]
        self.broken: list[File] = []
        self.steps = 0
        self.compared_after: set[int] = set()

    @invariant()
    def promises_hold(self) -> None:
        """After every step; after some of them, every row is compared."""
        COUNTS.steps += 1
        self.steps += 1
        self.world.check(self.steps)
        if self.steps in self.compared_after:
            self.world.compare()

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        steps = st.sets(st.integers(2, STEPS - 1), min_size=COMPARISONS, max_size=COMPARISONS)
        self.compared_after = data.draw(steps)
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
        new = versions(ENTITIES[old.feed], random, count)
        if kept or new:
            self.world.deliver(replace(old, rows=(*kept, *new)))
        self.day(data)

    @rule(data=st.data(), twice=st.booleans())
    def deliver_again(self, data: st.DataObject, twice: bool) -> None:
        """An earlier content of a path, current or not; or its rows twice in another file."""
        old = data.draw(self._delivered())
        self.world.deliver(replace(old, name="copy", rows=old.rows * 2) if twice else old)
        self.day(data)

    @rule(data=st.data(), random=_random, is_split=st.booleans())
    def rearrange(self, data: st.DataObject, random: Random, is_split: bool) -> None:
        """The rows of a path in another order, or some of them at a path of their own."""
        old = data.draw(self._delivered())
        rows = tuple(random.sample(old.rows, len(old.rows)))
        cut = random.randint(0, len(rows)) if is_split else len(rows)
        parts = [replace(old, rows=rows[:cut]), replace(old, name="part", rows=rows[cut:])]
        self.world.deliver_all(random.sample(parts[: 1 + is_split], 1 + is_split))
        self.day(data)

    @rule(data=st.data(), random=_random)
    def quarantine_or_mend(self, data: st.DataObject, random: Random) -> None:
        """A file of which a row breaks the contract; the next time, that file as it should be."""
        if self.broken:
            self.world.deliver(self.broken.pop())
        else:
            file = data.draw(files(self.recording.feeds))
            self.broken.append(file)
            bad = broken(ENTITIES[file.feed], random.choice(file.rows), random)
            self.world.deliver(replace(file, rows=(*file.rows[1:], bad)))
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
        """Spoil a model or not, and ask for a range of dates.

        What was lost is built again before it changes: what readers hold of it is known no more.
        """
        if data.draw(st.booleans()):
            spoilt = [model for model in self.recording.models if model.inputs]
            self.world.damage(data.draw(st.sampled_from(spoilt)))
            self.world.run_all()
        else:
            start = FIRST_DAY + timedelta(days=first)
            selection = data.draw(st.sampled_from([None, *self.names]))
            self.world.request(start, start + timedelta(days=days), selection)
        self.day(data)

    @rule(data=st.data(), customer=st.sampled_from(["customer0", "customer1", "partner:customer0"]))
    def erase(self, data: st.DataObject, customer: str) -> None:
        """Erase a person, whom later files may name again."""
        self.world.erase(customer)
        self.day(data)

    @rule(
        data=st.data(),
        period=st.sampled_from(["2021-07", "2021-08", "2021-08"]),
        event=st.sampled_from(["closed", "closed", "reopened", "soft_closed"]),
    )
    def close_or_reopen(self, data: st.DataObject, period: str, event: str) -> None:
        """Close a month as the marts have it, or open it again."""
        self.world.close_month(period, event)
        self.day(data)

    @rule()
    def publish(self) -> None:
        self.world.run_all()
        self.world.publish()

    @rule(data=st.data())
    def fail_an_audit(self, data: st.DataObject) -> None:
        """All models are built, but the clone is dropped; readers keep what they have."""
        self.world.deliver_all(data.draw(st.lists(files(self.recording.feeds), max_size=2)))
        self.world.run_all()
        self.world.roll_back(0)

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
            ["seed", "seed", "column", "column", "zone", "key", "table", "branch", "marts"]
            + ["warehouse"] * 2
        ),
    )
    def upheaval(self, data: st.DataObject, what: str) -> None:
        """Change what stands beside the data, or lose a part of it."""
        if what == "seed":
            self.world.change_seed(data.draw(st.sampled_from(sorted(self.recording.seeds))))
        elif what == "column":
            self.world.add_column(data.draw(st.sampled_from(self.recording.feeds)))
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

    def teardown(self) -> None:
        COUNTS.whole += self.steps == STEPS
        try:
            self.world.compare()
        finally:
            self.world.close()

    def _delivered(self) -> st.SearchStrategy[File]:
        return st.sampled_from(list(self.world.files.values()))
