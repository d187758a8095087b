"""A million order lines with all kinds of dirt, through the whole pipeline."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from orchestration import check_answers
from orchestration.defs.launch import execute
from orchestration.home import Home
from simulator.parameters import Parameters
from simulator.simulate import simulate
from tests.models.metrics import COMPARED, Semantics

SEED = int(os.environ.get("ANXIN_HISTORY_SEED", "1"))


@pytest.mark.soak
def test_a_dirty_million_is_right_in_every_value_and_contradicts_no_statement(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    simulate(Parameters(lines=1_000_000, seed=SEED), home.root)
    assert execute(home).outcome == "published"
    report = check_answers.check(home, home.root / "answers")
    assert [entry for entry in report.compared if entry.differences] == []
    assert report.faults
    assert report.alarms == []
    assert report.is_right
    (tmp_path / "asked").mkdir()
    asked = Semantics.of(home, tmp_path / "asked").differences(COMPARED)
    assert {subject: wrong for subject, (wrong, _) in asked.items() if wrong} == {}
    assert {subject for subject, (_, nothing) in asked.items() if nothing} <= {"tiers"}
    with duckdb.connect(str(home.published), read_only=True) as connection:
        rows = connection.execute(
            "select statement_id, verdict, verdict_reason from growth.published_claim_check"
        ).fetchall()
    verdicts = Counter(verdict for _, verdict, _ in rows)
    assert verdicts.total() == 45
    assert verdicts["out_of_range"] == 0
    assert verdicts["holds"] > 30
    assert [one for one, verdict, reason in rows if verdict != "holds" and not reason] == []
