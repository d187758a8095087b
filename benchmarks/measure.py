"""Run things in processes of their own, take turns with them, and keep what they cost."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.home import PROJECT, Home


@dataclass(frozen=True)
class Taken:
    """What one process cost: seconds on the clock and of all cores.

    `said` is what a worker says of itself, its peak memory included: what the system says of a
    child is at least that of the process that started it.
    """

    wall: float
    cpu: float
    said: dict[str, Any] = field(default_factory=dict)


def worker(home: Home, name: str, **arguments: object) -> Taken:
    """Run one of the worker's works on a home."""
    command = [sys.executable, "-m", "benchmarks.worker", name, str(home.root)]
    return process([*command, json.dumps(arguments)], home)


def process(command: Sequence[str], home: Home) -> Taken:
    """Run a command to its end.

    Raises:
        RuntimeError: It failed; the message is the end of what it printed.
    """
    environment = {
        **os.environ,
        "ANXIN_HOME": str(home.root),
        "ANXIN_TARGET": "local",  # dbt's own --target would part what it parses from what is kept
        "DO_NOT_TRACK": "1",
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed = out.read().decode()
        if child.returncode:
            raise RuntimeError(f"{command}: {printed[-2000:]} {err.read().decode()[-4000:]}")
    said = printed.strip().rpartition("\n")[2]
    return Taken(
        wall,
        usage.ru_utime + usage.ru_stime,
        json.loads(said) if said.startswith("{") else {},
    )


def taking_turns(
    cases: Mapping[str, Callable[[], Taken]], rounds: int, say: Callable[[str], None]
) -> dict[str, list[Taken]]:
    """Run all cases one after the other, several times over, so that they share the weather."""
    taken: dict[str, list[Taken]] = {name: [] for name in cases}
    for number in range(rounds):
        for name, case in cases.items():
            say(f"round {number + 1} of {rounds}: {name}")
            taken[name].append(case())
    return taken


@dataclass(frozen=True)
class Figure:
    """One line of the result: values of all rounds, and what they should not exceed.

    Attributes:
        part: Which part of the benchmark it belongs to.
        name: What it is.
        values: One per round, in `unit`.
        unit: Such as "x" for a ratio, "s", "MB".
        target: The largest value that is well; None where there is no target.
    """

    part: str
    name: str
    values: list[float]
    unit: str
    target: float | None = None

    @property
    def median(self) -> float:
        """The middle value of all rounds."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """All of it, for scripts."""
        return {
            "part": self.part,
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "values": self.values,
            "target": self.target,
        }


def ratios(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Ratios round by round; a cost that is lost in the noise counts as a millisecond."""
    return [one / max(other, 0.001) for one, other in zip(ones, others, strict=True)]
