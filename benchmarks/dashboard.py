"""How long the tiles of a dashboard take on the published file."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import measure
from benchmarks.bases import Bases
from benchmarks.measure import Figure
from orchestration.home import Home

FILE = Path(__file__).with_name("sql") / "dashboard.sql"
THREADS = 2
REPEATS = 10
"""How often a reader asks every tile."""
TARGET = 100.0
"""Milliseconds that 95 of 100 answers take at most."""


def tiles() -> dict[str, str]:
    """The queries of the dashboard by their titles."""
    found: dict[str, str] = {}
    for statement in FILE.read_text(encoding="utf-8").strip().removesuffix(";").split(";\n"):
        *comments, _ = [line for line in statement.split("\n") if line.startswith("-- ")] + [""]
        found[comments[-1].removeprefix("-- ")] = statement
    return found


def ask(home: Home) -> dict[str, Any]:
    """Ask every tile in turn, as a reader who has just attached the published file.

    Returns:
        Milliseconds of each answer, until its last row is fetched, by tile.
    """
    taken: dict[str, list[float]] = {title: [] for title in tiles()}
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute(f"attach '{home.published}' as marts (read_only)")
        connection.execute("use marts")
        for _ in range(REPEATS):
            for title, query in tiles().items():
                started = time.perf_counter()
                connection.execute(query).fetchall()
                taken[title].append((time.perf_counter() - started) * 1000)
    return {"taken": taken}


def figures(bases: Bases, rounds: int) -> Iterator[Figure]:
    """Half of the answers, 95 of 100 and the slowest tile; one value per reader."""
    home = bases.built
    readers = measure.taking_turns(
        {"dashboard": lambda: measure.worker(home, "dashboard")}, rounds, bases.say
    )["dashboard"]
    answers = [
        sorted(value for values in reader.said["taken"].values() for value in values)
        for reader in readers
    ]
    yield Figure("dashboard", "p50 of 20 queries", [quantile(one, 0.5) for one in answers], "ms")
    p95 = [quantile(one, 0.95) for one in answers]
    yield Figure("dashboard", "p95 of 20 queries", p95, "ms", TARGET)
    slowest = {
        title: [statistics.median(reader.said["taken"][title]) for reader in readers]
        for title in tiles()
    }
    title = max(slowest, key=lambda tile: statistics.median(slowest[tile]))
    yield Figure("dashboard", f"slowest: {title}", slowest[title], "ms")


def quantile(values: list[float], share: float) -> float:
    """The smallest of the sorted values that a share of them doesn't exceed."""
    return values[max(0, math.ceil(len(values) * share) - 1)]
