"""Which run the status and `anxin audits` are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration import pipeline, records
from orchestration.home import AnxinError, Home, UsageError
from orchestration.ingestion import manifest
from orchestration.status import read_status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose last run failed of an audit."""
    home = Home(tmp_path / "home").create()
    with pytest.raises(AnxinError), pipeline.opened(home, "run", run_id="failed") as opened:
        opened.ingest()
        opened.record.audits.append({"stage": "marts", "rule": "r"})
        raise AnxinError("1 critical audit failed")
    return home


def test_the_audits_shown_are_of_the_last_run_that_has_any(home: Home) -> None:
    with pipeline.opened(home, "release 7", run_id="later") as opened:
        opened.finish("released", "delivery 7 is released")
    assert records.read(home)["run_id"] == "failed"
    assert records.read(home, "later")["outcome"] == "released"


@pytest.mark.parametrize("torn", ["", '{"run_id": "to', "\0\0\0"])
def test_a_record_that_a_power_cut_has_torn_is_passed_over(home: Home, torn: str) -> None:
    (home.logs / "runs" / "torn.json").write_text(torn)
    assert records.read(home)["run_id"] == "failed"
    with pytest.raises(UsageError, match="there is no record of run torn"):
        records.read(home, "torn")


def test_what_was_refused_has_not_been_a_run(home: Home) -> None:
    with (
        pytest.raises(UsageError, match="there is no delivery 999"),
        pipeline.opened(home, "release 999", run_id="refused"),
        pipeline.connect(home) as connection,
    ):
        manifest.release(connection, 999, "mei")
    status = read_status(home)
    assert status
    assert (status.run_id, status.state) == ("failed", "failed")
    assert [path.stem for path in (home.logs / "runs").iterdir()] == ["failed"]


def test_what_is_refused_in_its_midst_has_been_a_run(home: Home) -> None:
    with pytest.raises(UsageError), pipeline.opened(home, "backfill", run_id="begun") as opened:
        opened.ingest()
        raise UsageError("there is no model x")
    status = read_status(home)
    assert status
    assert (status.run_id, status.state) == ("begun", "failed")
