"""The demo: deliver a small platform's files, run, deliver corrections, run again, show it all."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import console as house
from orchestration.home import PROJECT, Home, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.records import RunRecord

FILES = PROJECT / "demo"
MARKER = "demo.home"
"""A file in the home that says that its data may be thrown away."""
WAVES = {
    "landing": "four days of daily files",
    "corrections": "a fifth day, with late, corrected, repeated and broken files",
}
"""Folders that are delivered one after the other, each followed by a run."""


@dataclass
class Demo:
    """What the runs said, and what stands in the published file after the last one.

    Attributes:
        runs: One record per run.
        audits: Verdicts of each run by stage.
        before: The facts before the corrections came.
        facts: Rows by query name; see `demo_facts.QUERIES`.
    """

    runs: list[RunRecord] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def run_demo(home: Home, *, json_output: bool = False, console: Console | None = None) -> Demo:
    """Make the demo anew in a home, and print what came out of it.

    Args:
        home: Empty, or one that an earlier demo has made.
        json_output: Print one JSON object instead of tables.
        console: Where to print; the terminal by default.

    Raises:
        UsageError: The home holds something that the demo did not make.
        AuditError: A critical audit failed.
    """
    from orchestration import demo_facts, demo_report
    from orchestration.defs.launch import execute

    out = console or house.out
    prepare(home)
    demo = Demo()
    for number, (wave, what) in enumerate(WAVES.items(), 1):
        delivered = deliver(home, wave)
        if not json_output:
            out.print(f"{delivered} files delivered: {what}", style="bold", highlight=False)
        started = time.monotonic()
        with house.progress(home, quiet=json_output or console is not None):
            record = execute(home)
        demo.before, demo.facts = demo.facts, demo_facts.collect(home)
        demo.runs.append(record)
        demo.audits += [{"run": number, **row} for row in demo.facts["audits"]]
        if not json_output:
            spent = time.monotonic() - started
            out.print(f"  {record.message} after {spent:.0f} s", highlight=False)
    if json_output:
        print(as_json(home, demo))
    else:
        demo_report.show(home, demo, out)
    return demo


def prepare(home: Home) -> None:
    """Make an empty home for the demo, throwing away what an earlier demo left there.

    Raises:
        UsageError: The home holds data and no marker of the demo, or files that are not the
            demo's; nothing was changed.
    """
    from orchestration.lock import writer_lock

    marker = home.root / MARKER
    landed = [path for path in home.landing.rglob("*") if path.is_file()]
    if not marker.exists() and (landed or home.warehouse.exists() or home.published.exists()):
        raise UsageError(
            f"{home.root} holds data that the demo did not make; set ANXIN_HOME to an empty folder"
        )
    own = {place for wave in WAVES for place in _places(FILES / wave)}
    strange = sorted({path.relative_to(home.landing).as_posix() for path in landed} - own)
    if strange:
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


def deliver(home: Home, wave: str) -> int:
    """Copy the files of a wave into the landing, day by day; return how many these were."""
    from orchestration.ingestion import landing

    places = [place for place in _places(FILES / wave) if not place.endswith(landing.SIDECAR)]
    for place in sorted(places, key=lambda place: place.split("/")[2]):
        source, feed, folder, _ = place.split("/")
        landing.deliver(home, FILES / wave / place, source, feed, folder.removeprefix("dt="))
    return len(places)


def _places(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def as_json(home: Home, demo: Demo) -> str:
    """Write all facts as one JSON object, amounts as text."""
    runs = [
        {"run_id": run.run_id, "outcome": run.outcome, "seconds": run.seconds} for run in demo.runs
    ]
    found = {"published": str(home.published), **demo.facts, "runs": runs, "audits": demo.audits}
    return json.dumps(found, ensure_ascii=False, default=str)
