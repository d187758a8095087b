"""Whole runs: where time goes, nothing new, against a bare dbt build, backfills, growth."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks import histories, measure
from benchmarks.bases import Bases
from benchmarks.measure import Figure, Taken, ratios
from orchestration.home import PROJECT, Home
from simulator.parameters import Parameters
from simulator.simulate import simulate

GROWTH_LINES = 10_000


def figures(bases: Bases, rounds: int, part: str) -> Iterator[Figure]:
    """A day's run, one with nothing new, and a bare dbt build of the same change."""
    taken: dict[str, list[Taken]] = {name: [] for name in ("run", "nothing", "imports", "bare")}
    for number in range(rounds):
        bases.say(f"round {number + 1} of {rounds}: whole runs")
        for name, one in _one_round(bases).items():
            taken[name].append(one)
    runs = taken["run"]
    for key, unit in (("wall", "s"), ("cpu", "CPU s")):
        run, bare = ([getattr(one, key) for one in taken[name]] for name in ("run", "bare"))
        idle, imports = (
            [getattr(one, key) for one in taken[name]] for name in ("nothing", "imports")
        )
        beyond = [one - other for one, other in zip(idle, imports, strict=True)]
        yield Figure(part, "day's run, whole process", run, unit)
        yield Figure(part, "bare dbt build of the same change, whole process", bare, unit)
        target = 2.0 if part == "demo" else None
        yield Figure(part, f"day's run / bare dbt build, {unit}", ratios(run, bare), "x", target)
        yield Figure(part, "run with nothing new, whole process", idle, unit)
        yield Figure(part, "run with nothing new, beyond imports", beyond, unit, 3.0)
    peaks = [one.said["peak_mb"] for one in runs]
    if None not in peaks:
        yield Figure(part, "day's run, peak memory", peaks, "MB", 6000)
    for step in _steps(runs[0]):
        yield Figure(part, f"day's run: {step}", [_steps(one)[step] for one in runs], "s")


def backfill_figures(bases: Bases, rounds: int) -> Iterator[Figure]:
    """Eight days in one run against one day."""
    last = histories.DAY - timedelta(days=30)
    spans = {"8 days": last - timedelta(days=7), "1 day": last}
    cases = {
        name: lambda first=first: measure.worker(
            histories.copy_whole(bases.built, bases.folder / "copy", with_landing=False),
            "whole",
            backfill=[str(first), str(last)],
        )
        for name, first in spans.items()
    }
    taken = measure.taking_turns(cases, rounds, bases.say)
    for key, unit in (("wall", "s"), ("cpu", "CPU s")):
        eight, one = ([getattr(one, key) for one in taken[name]] for name in spans)
        yield Figure("backfill", "1 day, whole process", one, unit)
        yield Figure("backfill", f"8 days / 1 day, {unit}", ratios(eight, one), "x", 2)
    eight, one = ([one.said["seconds"]["build"] for one in taken[name]] for name in spans)
    yield Figure("backfill", "8 days / 1 day, dbt's step", ratios(eight, one), "x", 2)


def growth_figures(bases: Bases, days: int) -> Iterator[Figure]:
    """Size of both files after many daily runs, against copies of them."""
    folder = bases.folder / "growth"
    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder / "home").create()
    parameters = Parameters(GROWTH_LINES, seed=1, days=days, is_clean=True)
    simulate(parameters, folder / "simulation", with_answers=False)
    landing = folder / "simulation" / "landing"
    first = f"dt={parameters.first_daily_date}"
    dates = sorted({path.name for path in landing.glob("native/*/dt=*")})
    for path in landing.glob("native/*/dt=*"):
        if path.name < first:
            shutil.copytree(path, home.landing / path.relative_to(landing))
    bases.say(f"{days} daily runs of a history of {GROWTH_LINES:,} lines")
    measure.worker(home, "whole")
    daily = [name.removeprefix("dt=") for name in dates if name >= first]
    said = measure.worker(home, "days", landing=str(landing), dates=daily).said
    seconds = [size["seconds"] for size in said["sizes"]]
    yield Figure("growth", "a day's run in a warm process", seconds, "s")
    for name, path in (("warehouse", home.warehouse), ("marts", home.published)):
        grown = path.stat().st_size / _size_of_copy(path, folder / "copy.duckdb")
        yield Figure("growth", f"{name} after {len(daily)} runs / its copy", [grown], "x")


def _one_round(bases: Bases) -> dict[str, Taken]:
    place = bases.folder / "copy"
    home = histories.copy_whole(bases.built, place, with_landing=True)
    measure.worker(home, "whole")  # files have new stamps after a copy: their content is read once
    taken = {
        "nothing": measure.worker(home, "whole"),
        "imports": measure.worker(home, "imports"),
    }
    bases.change.deliver(home)
    taken["run"] = measure.worker(home, "whole")
    if (outcome := taken["run"].said["outcome"]) != "published":
        raise RuntimeError(f"the day's run ended as {outcome}")
    if taken["nothing"].said["outcome"] != "nothing_new":
        raise RuntimeError("the run with nothing new had something to do")
    taken["bare"] = measure.process(_bare_build(home := bases.copy(bases.loaded)), home)
    return taken


def _bare_build(home: Home) -> list[str]:
    return [
        *(str(Path(sys.executable).with_name("dbt")), "build"),
        *("--exclude-resource-type", "unit_test"),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(home.dbt_target), "--log-path", str(home.logs)),
    ]


def _steps(run: Taken) -> dict[str, float]:
    """Seconds of a run by what they went into; nodes that ran side by side share dbt's time."""
    said = run.said
    seconds, nodes, models = said["seconds"], said["nodes"], set(said["models"])
    in_models = sum(spent for name, spent in nodes.items() if name in models)
    in_tests = sum(spent for name, spent in nodes.items() if name not in models)
    found = {"process start and imports": run.wall - said["wall"]}
    found |= {name: spent for name, spent in seconds.items() if name != "build"}
    found["dbt's step"] = seconds["build"]
    found["of it, node seconds of models on two threads"] = in_models
    found["of it, node seconds of tests on two threads"] = in_tests
    found["of it, before the first node and after the last"] = said["dbt_start"]
    found["everything else (Dagster, records)"] = said["wall"] - sum(seconds.values())
    return found


def _size_of_copy(path: Path, copy: Path) -> int:
    copy.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as original (read_only)")
        connection.execute(f"attach '{copy}' as fresh")
        connection.execute("copy from database original to fresh")
    return copy.stat().st_size
