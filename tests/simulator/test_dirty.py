"""A platform with faults of every kind through the whole pipeline: right, and all are noticed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration import check_answers
from orchestration.defs.launch import execute
from orchestration.home import Home
from simulator.delivery.faults import kinds
from simulator.parameters import Parameters
from simulator.simulate import simulate

DIRTY = Parameters(lines=3_000, seed=9, from_date=date(2021, 6, 1), days=3)


def test_a_platform_with_faults_is_right_in_every_value_and_all_are_noticed(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    simulate(DIRTY, home.root)
    assert execute(home).outcome == "published"
    report = check_answers.check(home, home.root / "answers")
    assert [entry for entry in report.compared if entry.differences] == []
    assert {fault.kind for fault in report.faults} == {*kinds()} - {"corrected"}
    assert [fault for fault in report.faults if fault.missed] == []
    assert report.alarms == []
    assert report.is_right
