"""The demo: deliver a small platform's files, run, deliver corrections, run again, show it all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import console as house
from orchestration.home import PROJECT, Home, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.pipeline import RunRecord

FILES = PROJECT / "demo"
MARKER = "demo.home"
"""A file in the home that says that its data may be thrown away."""
ROUNDS = (
    ("landing", ("2021-08-01", "2021-08-02", "2021-08-03")),
    ("landing", ("2021-08-04",)),
    ("corrections", None),
)
"""Folder and dates that are delivered before each run; None stands for all dates."""


@dataclass
class Demo:
    """What the runs said, and what stands in the published file after the last one.

    Attributes:
        runs: One record per run.
        audits: Verdicts of each run by stage.
        before: The facts before the corrections came.
        facts: Rows by query name; see `demo_report.QUERIES`.
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
    from orchestration import demo_report, pipeline

    out = console or house.out
    prepare(home)
    demo = Demo()
    for number, (wave, days) in enumerate(ROUNDS):
        delivered = deliver(home, wave, days)
        if not json_output:
            what = "corrections, late and broken files" if days is None else " and ".join(days)
            out.print(f"{delivered} files delivered: {what}", style="bold")
        with house.progress(home, quiet=json_output or console is not None):
            record = pipeline.run(home)
        demo.before, demo.facts = demo.facts, demo_report.collect(home)
        demo.runs.append(record)
        demo.audits += [{"run": number + 1, **row} for row in demo.facts["audits"]]
        if not json_output:
            spent = sum(record.seconds.values())
            out.print(f"  {record.message} after {spent:.0f} s", highlight=False)
    if json_output:
        print(json.dumps(_as_json(home, demo), ensure_ascii=False, default=str))
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
    own = {place for wave in ("landing", "corrections") for place in _places(FILES / wave)}
    strange = sorted({path.relative_to(home.landing).as_posix() for path in landed} - own)
    if strange:
        raise UsageError(
            f"the demo's home {home.root} has got files of its own, for example {strange[0]};"
            " set ANXIN_HOME to an empty folder"
        )
    with writer_lock(home, "demo", wait=0):
        for data in (home.landing, home.evidence, home.serving, home.docs, home.logs / "runs"):
            shutil.rmtree(data, ignore_errors=True)
        for file in (home.warehouse, home.marts_next, home.status_file):
            file.unlink(missing_ok=True)
        home.create()
        marker.write_text("made by `anxin demo`, which throws this home's data away\n")


def deliver(home: Home, wave: str, days: tuple[str, ...] | None = None) -> int:
    """Copy the files of a wave into the landing; return how many these were.

    Args:
        home: Whose landing.
        wave: `landing` or `corrections`.
        days: Only files of these dates.
    """
    from orchestration.ingestion import landing

    count = 0
    for place in sorted(_places(FILES / wave)):
        source, feed, folder, _ = place.split("/")
        dt = folder.removeprefix("dt=")
        if place.endswith(landing.SIDECAR) or (days is not None and dt not in days):
            continue
        landing.deliver(home, FILES / wave / place, source, feed, dt)
        count += 1
    return count


def _places(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _as_json(home: Home, demo: Demo) -> dict[str, Any]:
    runs = [
        {"run_id": run.run_id, "outcome": run.outcome, "seconds": run.seconds}
        for run in demo.runs
    ]
    return {"published": str(home.published), "runs": runs, "audits": demo.audits, **demo.facts}
