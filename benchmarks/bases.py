"""The homes that every measured process starts from: made once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from benchmarks import hand_written, histories, measure
from benchmarks.histories import Change
from orchestration.home import Home


@dataclass
class Bases:
    """Homes of one history, below a folder; each is made when it is first asked for.

    A folder of an earlier call is used again if it was left there.
    """

    folder: Path
    lines: int
    say: Callable[[str], None]

    @cached_property
    def built(self) -> Home:
        """The history, loaded, built and published."""
        with self._making("built") as home:
            if not (home.root / "done").exists():
                histories.make_landing(home, self.lines)
                measure.worker(home, "whole")
        return home

    @cached_property
    def change(self) -> Change:
        """The measured day."""
        folder = self.folder / "change"
        shutil.rmtree(folder, ignore_errors=True)
        return histories.make_change(self.built, self.lines, folder)

    @cached_property
    def loaded(self) -> Home:
        """The history as built, with the measured day loaded but not built."""
        return self._with_change("loaded", self.built)

    @cached_property
    def alone(self) -> Home:
        """A warehouse that was empty before the measured day was loaded."""
        with self._making("empty") as empty:
            if not (empty.root / "done").exists():
                measure.worker(empty, "load")
                measure.worker(empty, "models", arguments=_EVERYTHING)
        return self._with_change("alone", empty)

    @cached_property
    def long_built(self) -> Home:
        """Four times the history: the models that are measured are built."""
        with self._making("long_built") as home:
            if not (home.root / "done").exists():
                histories.copy_home(self.built, home.root)
                hand_written.drop_built(home)
                histories.multiply(home, 4)
                measure.worker(home, "models", arguments=["run", "--full-refresh", *selected()])
        return home

    @cached_property
    def long_loaded(self) -> Home:
        """Four times the history, with the measured day loaded."""
        return self._with_change("long_loaded", self.long_built)

    @property
    def mark(self) -> int:
        """The number of the last change before the measured day."""
        with duckdb.connect(str(self.built.warehouse), read_only=True) as connection:
            row = connection.execute("select max(change_seq) from raw.change_events").fetchone()
        return int(row[0]) if row else 0

    def copy(self, home: Home) -> Home:
        """A copy of the databases, in the place of the copy before."""
        return histories.copy_home(home, self.folder / "copy")

    def raw_copy(self, home: Home) -> Home:
        """A copy without anything that models have built."""
        copy = self.copy(home)
        hand_written.drop_built(copy)
        return copy

    def _with_change(self, name: str, home: Home) -> Home:
        with self._making(name) as changed:
            if not (changed.root / "done").exists():
                histories.copy_home(home, changed.root)
                self.change.deliver(changed)
                measure.worker(changed, "load")
        return changed

    @contextmanager
    def _making(self, name: str) -> Iterator[Home]:
        home = Home(self.folder / name)
        done = home.root / "done"
        if not done.exists():
            self.say(f"making {name} of {self.lines:,} lines")
            shutil.rmtree(home.root, ignore_errors=True)
            home.create()
        yield home
        done.touch()


_EVERYTHING = [
    *("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
]


def selected() -> list[str]:
    """Select the models that are also written by hand and what they read, without views."""
    names = (f"+{name}" for name in hand_written.covered())
    return ["--exclude", "config.materialized:view", "--select", *names]
