"""The whole check of one home, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.check_answers.comparing import Compared, Difference, compare
from orchestration.check_answers.faults import Alarm, FaultsFound, found_faults
from orchestration.home import Home

if TYPE_CHECKING:
    from rich.console import Console

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
    """

    compared: list[Compared]
    faults: list[FaultsFound]
    alarms: list[Alarm]
    is_right: bool

    @property
    def differences(self) -> list[Difference]:
        """The listed differences of all answers."""
        return [difference for entry in self.compared for difference in entry.listed]


def check(home: Home, answers: Path) -> Report:
    """Compare a home's published marts with a key, and its alarms with the planted faults.

    Args:
        home: Where the simulated history was loaded, all of it.
        answers: The folder of its answers.
    """
    compared = compare(home.published, answers)
    faults, alarms = found_faults(home, answers)
    is_right = not any(entry.differences for entry in compared) and not any(
        fault.missed for fault in faults
    )
    return Report(compared, faults, alarms, is_right)


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


def _show_compared(compared: Sequence[Compared], out: Console) -> None:
    from rich.table import Table

    table = Table(title="marts against the answer key", title_justify="left")
    for title in ("answer", "mart", "rows", "values compared", "differences"):
        is_text = title in ("answer", "mart")
        table.add_column(title, justify="left" if is_text else "right")
    for entry in (entry for entry in compared if entry.mart):
        differences = f"{entry.differences:,}" if entry.differences else "none"
        table.add_row(entry.answer, entry.mart, f"{entry.rows:,}", f"{entry.values:,}", differences)
    out.print(table)
    waiting = [entry.answer for entry in compared if not entry.mart]
    if waiting:
        out.print(f"not compared yet: no mart: {', '.join(waiting)}", highlight=False)


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
    from rich.table import Table

    table = Table(title="planted faults", title_justify="left")
    for title in ("kind", "found by", "planted", "found"):
        table.add_column(title, justify="left" if title in ("kind", "found by") else "right")
    for fault in faults:
        found = "-" if fault.found is None else f"{fault.found:,}"
        table.add_row(fault.kind, fault.found_by, f"{fault.planted:,}", found)
    out.print(table)
    for fault in faults:
        for missed in fault.missed[:SHOWN]:
            place = ", ".join(f"{name} {value}" for name, value in missed.items() if value)
            out.print(f"missed: {fault.kind}: {place}", markup=False, highlight=False)


def _show_alarms(alarms: Sequence[Alarm], out: Console) -> None:
    if not alarms:
        out.print("no alarm without a planted fault", highlight=False)
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
