"""The demo: simulate a platform, deliver its files day by day, run, and check what came out."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import console as house
from orchestration.home import AnxinError, Home, UsageError
from simulator.parameters import Parameters

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.check_answers import Report
    from orchestration.records import RunRecord

PLATFORM = Parameters(lines=15_000, seed=1, days=2)
"""The demo's platform."""
MARKER = "demo.home"
"""A file in the home that says that its data may be thrown away."""


@dataclass(frozen=True)
class Wave:
    """Files that are delivered together, followed by a run: places below the simulation."""

    title: str
    files: tuple[Path, ...]


@dataclass
class Demo:
    """What the runs said, and what stands in the published file after the last one.

    Attributes:
        runs: One record per run.
        audits: Verdicts of each run by stage.
        before: The facts after the run before the last.
        facts: Rows by query name; see `demo_facts.QUERIES`.
        check: The comparison with the answer key.
    """

    runs: list[RunRecord] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    check: Report | None = None


def run_demo(
    home: Home,
    parameters: Parameters = PLATFORM,
    *,
    json_output: bool = False,
    console: Console | None = None,
) -> Demo:
    """Make the demo anew in a home, and print what came out of it.

    Args:
        home: Empty, or one that an earlier demo has made.
        parameters: The platform to simulate.
        json_output: Print one JSON object instead of tables.
        console: Where to print; the terminal by default.

    Raises:
        UsageError: The home holds something that the demo did not make.
        AuditError: A critical audit failed.
        AnxinError: What is published differs from the answer key.
    """
    from orchestration import check_answers, demo_report

    out = console or house.out
    prepare(home)
    quiet = json_output or console is not None
    demo = Demo()
    make_platform(home, parameters, quiet=quiet)
    if not json_output:
        demo_report.show_beginning(parameters, out)
    *earlier, last = waves(home, parameters)
    for wave in (*earlier, last):
        seconds = _run_wave(home, wave, demo, in_dagster=wave is last, quiet=quiet)
        if not json_output:
            demo_report.show_wave(wave, demo.runs[-1], seconds, out)
    demo.check = check_answers.check(home, simulation(home) / "answers")
    if json_output:
        print(as_json(home, demo))
    else:
        demo_report.show(home, demo, out)
    if not demo.check.is_right:
        raise AnxinError("what is published differs from the answer key")
    return demo


def make_platform(home: Home, parameters: Parameters, *, quiet: bool) -> None:
    """Simulate a platform below the home."""
    from simulator.simulate import simulate

    with house.spinner("simulating", quiet=quiet) as say:
        simulate(parameters, simulation(home), on_step=lambda step: say(f"simulating: {step}"))


def waves(home: Home, parameters: Parameters) -> list[Wave]:
    """Sort the simulated files into deliveries, in the order of their arrival.

    First the months before the daily part, then each day; with the last day come all corrections,
    one file late of each day before, and whatever is dated later. A path that is corrected arrives
    with its wrong content first.
    """
    root = simulation(home)
    earlier = {path.relative_to(root / "earlier"): path for path in _files(root / "earlier")}
    final = {path.relative_to(root / "landing"): path for path in _files(root / "landing")}
    first, last = parameters.first_daily_date, parameters.to_date
    folders = Counter(place.parent for place in final)
    alone = {place for place in final if folders[place.parent] == 1} - earlier.keys()
    late = {_date(place): place for place in sorted(alone)}
    chosen: dict[date, list[Path]] = {}
    for place in sorted(final.keys() | earlier.keys()):
        dt = _date(place)
        moment = date.min if dt < first else min(dt, last)
        if dt >= first and place == late.get(dt):
            moment = last
        if moment < last and place in earlier:
            chosen.setdefault(moment, []).append(earlier[place])
            if place in final:
                chosen.setdefault(last, []).append(final[place])
        elif place in final:
            chosen.setdefault(moment, []).append(final[place])
    titles = {
        date.min: f"history from {parameters.from_date} to {first - timedelta(days=1)}",
        last: f"{last:%-d %B}, with corrections, late and broken files",
    }
    return [
        Wave(titles.get(moment, f"{moment:%-d %B}"), tuple(chosen[moment]))
        for moment in sorted(chosen)
    ]


def _date(place: Path) -> date:
    return date.fromisoformat(place.parts[2].removeprefix("dt="))


def deliver(home: Home, files: tuple[Path, ...]) -> None:
    """Copy simulated files and their sidecars to the landing."""
    from orchestration.ingestion import landing

    for file in files:
        source, feed, folder = file.parts[-4:-1]
        landing.deliver(home, file, source, feed, folder.removeprefix("dt="))


def simulation(home: Home) -> Path:
    """Return the folder of the demo's simulated platform."""
    return home.root / "simulation"


def prepare(home: Home) -> None:
    """Make an empty home for the demo, throwing away what an earlier demo left there.

    Raises:
        UsageError: The home holds data and no marker of the demo, or files that are not the
            demo's; nothing was changed.
    """
    from orchestration.lock import writer_lock

    marker = home.root / MARKER
    landed = {path.relative_to(home.landing) for path in _files(home.landing, sidecars=True)}
    if not marker.exists() and (landed or home.warehouse.exists() or home.published.exists()):
        raise UsageError(
            f"{home.root} holds data that the demo did not make; set ANXIN_HOME to an empty folder"
        )
    stages = [simulation(home) / stage for stage in ("landing", "earlier")]
    own = {file.relative_to(stage) for stage in stages for file in _files(stage, sidecars=True)}
    if strange := sorted(landed - own):
        raise UsageError(
            f"the demo's home {home.root} has got files of its own, for example {strange[0]};"
            " set ANXIN_HOME to an empty folder"
        )
    with writer_lock(home, "demo", wait=0):
        for folder in (home.landing, home.evidence, home.serving, home.docs, home.logs / "runs"):
            shutil.rmtree(folder, ignore_errors=True)
        for database in (home.warehouse, home.marts_next):
            database.unlink(missing_ok=True)
            database.with_name(f"{database.name}.wal").unlink(missing_ok=True)
        home.create()
        marker.write_text("made by `anxin demo`, which throws this home's data away\n")


def _run_wave(home: Home, wave: Wave, demo: Demo, *, in_dagster: bool, quiet: bool) -> float:
    """Deliver a wave, run, and note what stands there; return the seconds it took.

    Dagster takes the same steps and puts them on record; one such run is enough to look at.
    """
    from orchestration import demo_facts, pipeline
    from orchestration.defs.launch import execute

    started = time.monotonic()
    deliver(home, wave.files)
    with house.progress(home, quiet=quiet):
        demo.runs.append(execute(home) if in_dagster else pipeline.run(home))
    spent = time.monotonic() - started
    demo.before, demo.facts = demo.facts, demo_facts.collect(home)
    demo.audits += [{"run": len(demo.runs), **row} for row in demo.facts["audits"]]
    return spent


def _files(folder: Path, *, sidecars: bool = False) -> Iterator[Path]:
    from orchestration.ingestion.landing import SIDECAR

    return (
        path
        for path in folder.rglob("*")
        if path.is_file() and (sidecars or not path.name.endswith(SIDECAR))
    )


def as_json(home: Home, demo: Demo) -> str:
    """Write all facts as one JSON object, amounts as text."""
    runs = [
        {"run_id": run.run_id, "outcome": run.outcome, "seconds": run.seconds} for run in demo.runs
    ]
    check = asdict(demo.check) if demo.check else None
    found = {"published": str(home.published), **demo.facts, "runs": runs, "check": check}
    return json.dumps({**found, "audits": demo.audits}, ensure_ascii=False, default=str)
