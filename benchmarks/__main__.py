"""How fast the refresh is, as ratios.

Run it from the project's root: `python -m benchmarks [--lines N] [--rounds N] [--parts ...]`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import dashboard, lookback, models, whole
from benchmarks.bases import Bases
from benchmarks.measure import Figure
from orchestration.demo import PLATFORM

PARTS = ("models", "microbatch", "history", "whole", "demo", "backfill", "dashboard", "growth")
DEFAULT = ("models", "microbatch", "history", "whole", "demo", "backfill", "dashboard")


def main() -> None:
    """Measure what the arguments name and print one line per figure."""
    arguments = _arguments()
    console = Console(stderr=True)
    kept = arguments.work is not None
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="anxin-benchmark-"))
    started = time.perf_counter()

    def say(step: str) -> None:
        console.print(f"{time.perf_counter() - started:6.0f} s  {step}", highlight=False)

    try:
        found = list(_figures(arguments, folder, say))
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps([figure.as_json() for figure in found]))
    else:
        _show(found, Console(width=max(console.width, 110) if sys.stdout.isatty() else 120))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines of the history")
    parser.add_argument("--rounds", type=int, default=3, help="how often each thing is measured")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(DEFAULT))
    parser.add_argument("--days", type=int, default=60, help="daily runs of the part growth")
    parser.add_argument("--work", type=Path, help="a folder that keeps the histories for next time")
    parser.add_argument("--json", action="store_true", help="print JSON, all rounds included")
    return parser.parse_args()


def _figures(
    arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]
) -> Iterator[Figure]:
    bases = Bases(folder / str(arguments.lines), arguments.lines, say)
    small = Bases(folder / "demo", PLATFORM.lines, say)
    rounds: int = arguments.rounds
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "models": lambda: models.figures(bases, rounds),
        "microbatch": lambda: lookback.figures(bases),
        "history": lambda: models.history_figures(bases, rounds),
        "whole": lambda: whole.figures(bases, rounds, "whole"),
        "demo": lambda: whole.figures(small, rounds, "demo"),
        "backfill": lambda: whole.backfill_figures(bases, rounds),
        "dashboard": lambda: dashboard.figures(bases, rounds),
        "growth": lambda: whole.growth_figures(bases, arguments.days),
    }
    for part in arguments.parts:
        yield from parts[part]()


def _show(figures: list[Figure], console: Console) -> None:
    table = Table("part", "figure", "median", "min..max", "unit", "target", "")
    for one in figures:
        digits = 0 if one.unit in ("rows", "MB") else 3 if abs(one.median) < 1 else 2
        low, high = (f"{value:,.{digits}f}" for value in (min(one.values), max(one.values)))
        table.add_row(
            one.part,
            one.name,
            f"{one.median:,.{digits}f}",
            f"{low}..{high}" if len(one.values) > 1 else "",
            one.unit,
            "" if one.target is None else f"{one.target:.3g}",
            "" if one.target is None else "well" if one.median <= one.target else "[red]over[/red]",
        )
    console.print(table)


if __name__ == "__main__":
    main()
