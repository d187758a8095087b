"""The whole check of one home, and how it is printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.check_answers.comparing import Compared, Difference, compare
from orchestration.check_answers.faults import Alarm, FaultsFound, found_faults
from orchestration.home import Home, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SHOWN = 5
"""Differences, missed faults and alarms that are printed of each kind; `--json` gives more."""


@dataclass(frozen=True)
class Report:
    """How the published marts and the alarms compare with an answer key.

    Attributes:
        compared: One entry per answer.
        faults: One entry per kind of planted faults.
        alarms: What was noticed where nothing was planted.
        is_right: Every mart equals its answer, and every fault that must be noticed was.
        mistake: How the simulation that was loaded differs from the one of the key, if it does.
    """

    compared: list[Compared]
    faults: list[FaultsFound]
    alarms: list[Alarm]
    is_right: bool
    mistake: str | None = None

    @property
    def differences(self) -> list[Difference]:
        """The listed differences of all answers."""
        return [difference for entry in self.compared for difference in entry.listed]


def check(home: Home, answers: Path) -> Report:
    """Compare a home's published marts with a key, and its alarms with the planted faults.

    Args:
        home: Where the simulated history was loaded, all of it; nobody may be writing to it.
        answers: The folder of its answers.

    Raises:
        UsageError: There is no warehouse, nothing is published, or the folder holds no answers.
    """
    if not home.warehouse.exists():
        raise UsageError(f"there is no warehouse in {home.root} yet: `anxin run` makes it")
    if not (answers / "planted_faults.parquet").exists():
        raise UsageError(f"{answers} holds no answers; name the folder `answers` of a simulation")
    compared = compare(home.published, answers)
    faults, alarms = found_faults(home, answers)
    is_right = not any(entry.differences for entry in compared) and not any(
        fault.missed for fault in faults
    )
    mistake = None if is_right else _mistake(home, answers)
    return Report(compared, faults, alarms, is_right, mistake)


def _mistake(home: Home, answers: Path) -> str | None:
    """Say how the loaded simulation and that of the key differ, as far as both say what they are.

    A simulation names itself in the feed `source_parameters` and in the file beside its answers.
    """
    described = answers.resolve().parent / "simulation.json"
    with duckdb.connect(":memory:") as connection:
        quoted = str(home.warehouse).replace("'", "''")
        connection.execute(f"attach '{quoted}' as warehouse (read_only)")
        rows = connection.execute(
            "select distinct parameter_name, parameter_value from warehouse.raw.source_parameters"
            " where parameter_name in ('lines', 'seed')"
        ).fetchall()
    loaded = {(name, value) for name, value in rows}
    if not described.exists() or not loaded:
        return None
    stated = json.loads(described.read_text(encoding="utf-8"))
    expected = {(name, str(stated[name])) for name in ("lines", "seed")}
    if loaded == expected:
        return None
    return f"the warehouse holds {_named(loaded)}; the key is that of {_named(expected)}"


def _named(parameters: set[tuple[str, str]]) -> str:
    return "a simulation with " + ", ".join(f"{name} {value}" for name, value in sorted(parameters))


def show(report: Report, out: Console) -> None:
    """Print what was compared, what differs, and which faults were found."""
    _show_compared(report.compared, out)
    for entry in report.compared:
        _show_differences(entry, out)
    if report.faults:
        _show_faults(report.faults, out)
    _show_alarms(report.alarms, out)
    compared = [entry for entry in report.compared if entry.mart]
    values = sum(entry.values for entry in compared)
    differences = sum(entry.differences for entry in compared)
    missed = sum(fault.planted - (fault.found or 0) for fault in report.faults if fault.missed)
    out.print(
        f"{values:,} values of {len(compared)} answers compared: "
        + ("all equal" if not differences else f"{differences:,} differences")
        + (f"; {missed:,} planted faults missed" if missed else ""),
        style="bold green" if report.is_right else "bold red",
        highlight=False,
    )
    if report.mistake:
        out.print(f"[bold]Not the same simulation[/bold]: {report.mistake}", highlight=False)


def _show_compared(compared: Sequence[Compared], out: Console) -> None:
    out.print("[bold]Published marts against the answer key[/bold]")
    table = _table(("answer", "mart"), ("rows", "values", "differ"))
    for entry in (entry for entry in compared if entry.mart):
        differences = f"{entry.differences:,}" if entry.differences else "none"
        table.add_row(entry.answer, entry.mart, f"{entry.rows:,}", f"{entry.values:,}", differences)
    out.print(table)
    waiting = [entry.answer for entry in compared if not entry.mart]
    if waiting:
        out.print(
            f"Answers that no mart shows yet, not compared: {', '.join(waiting)}\n",
            highlight=False,
        )


def _table(texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """Return an empty table whose texts may take several lines, and are never cut."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in texts:
        table.add_column(title, overflow="fold")
    for title in numbers:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _show_differences(entry: Compared, out: Console) -> None:
    for difference in entry.listed[:SHOWN]:
        key = ", ".join(f"{name} {value}" for name, value in difference.key.items())
        out.print(
            f"{entry.answer}: {key}: {difference.column}: expected {difference.expected},"
            f" found {difference.found}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if entry.differences > SHOWN:
        out.print(f"{entry.answer}: and {entry.differences - SHOWN:,} more", highlight=False)


def _show_faults(faults: Sequence[FaultsFound], out: Console) -> None:
    out.print("[bold]Faults planted in files and money trail[/bold], and how many were noticed")
    table = _table(("kind", "noticed as"), ("planted", "found"))
    for fault in faults:
        found = "" if fault.found is None else f"{fault.found:,}"
        table.add_row(fault.kind, fault.found_by, f"{fault.planted:,}", found)
    out.print(table)
    for fault in faults:
        for missed in fault.missed[:SHOWN]:
            place = ", ".join(f"{name} {value}" for name, value in missed.items() if value)
            out.print(f"missed: {fault.kind}: {place}", markup=False, highlight=False)


def _show_alarms(alarms: Sequence[Alarm], out: Console) -> None:
    if not alarms:
        out.print("No alarm without a planted fault.", highlight=False)
        return
    for alarm in alarms[:SHOWN]:
        out.print(
            f"alarm without a planted fault: {alarm.path}: {alarm.found_by}, {alarm.rows:,} rows",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if len(alarms) > SHOWN:
        out.print(f"and {len(alarms) - SHOWN:,} more alarms", highlight=False)
