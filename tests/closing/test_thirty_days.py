"""July is closed, and thirty days of late deliveries later it is byte for byte what it was."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from orchestration import demo, pipeline, publishing, transform
from orchestration.closing import Month
from orchestration.home import Home
from orchestration.lock import writer_lock
from simulator.parameters import Parameters

from .conftest import FORCED, JULY, Story, other_code

PLATFORM = Parameters(lines=6_000, seed=5, from_date=date(2021, 5, 1), days=62)
"""With faults of every kind; July and August come day by day, corrected files with the last day."""
CLOSED = (Month(2021, 5), Month(2021, 6), JULY)
LATE_FEEDS = frozenset({"claims", "refund_orders", "channel_bill_lines", "fund_flows"})
DAYS = 30


@pytest.mark.soak
def test_a_closed_july_stands_whatever_thirty_days_bring(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    demo.make_platform(home, PLATFORM, quiet=True)
    waves = demo.waves(home, PLATFORM)
    before = [file for wave in waves[:-DAYS] for file in wave.files]
    late = [file for file in before if _is_late(file)]
    demo.deliver(home, tuple(file for file in before if file not in late))
    pipeline.run(home)
    told = Story(home)
    told.close(FORCED)
    *_, close = told.close(FORCED, is_hard=True)
    told.note("closed")
    for number, wave in enumerate(waves[-DAYS:]):
        demo.deliver(home, (*late[number::DAYS], *wave.files))
        pipeline.run(home)
        told.note(wave.title)
        _is_explained(told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "PROJECT", other_code(tmp_path / "project"))
        pipeline.run(home)
        told.note("other code")
        _is_explained(told)
        with writer_lock(home, "rollback"):
            publishing.rollback(home, closed=close.change_seq)
        told.note("rolled back")
        publishing.resume(home)
        shutil.rmtree(home.serving)
        pipeline.run(home, full_refresh=True)
        told.note("rebuilt")
        _is_explained(told)
    assert len(told.reports) == DAYS + 4
    assert [step for step, found in told.reports.items() if found != told.reports["closed"]] == []


def _is_late(file: Path) -> bool:
    """Whether a file of July comes a month late: of every third day, what is about money."""
    feed, folder = file.parts[-3:-1]
    dt = date.fromisoformat(folder.removeprefix("dt="))
    return feed in LATE_FEEDS and JULY.first <= dt <= JULY.last and dt.day % 3 == 0


def _is_explained(told: Story) -> None:
    """August holds, account by account, what each month would be less what was frozen of it."""
    for month in CLOSED:
        booked = told.query(
            "select account, sum(amount) from finance.fct_ledger_postings"
            " where period = '2021-08' and break_class = 'LATE_CORRECTION'"
            f" and event_date between '{month.first}' and '{month.last}'"
            " group by account having sum(amount) <> 0"
        )
        assert dict(booked) == told.differences(month)
    assert told.differences() != {}
    told.rows.clear()
    told.explain()
    assert told.walked() == told.differences()
    assert all(float(row["unexplained_amount"]) == 0 for row in told.rows["totals"])
