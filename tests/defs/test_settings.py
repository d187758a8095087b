"""Variables of the environment that make no sense stop a run and the server before they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.defs.launch import execute
from orchestration.defs.settings import require_sense
from orchestration.defs.ui import serve
from orchestration.home import Home, UsageError
from orchestration.status import collect

VARIABLES = (
    "ANXIN_MEMORY_LIMIT",
    "ANXIN_EXPANDED_GB",
    "ANXIN_RETENTION_DAYS",
    "ANXIN_ALERT_WEBHOOK",
)


@pytest.mark.parametrize("name", VARIABLES)
def test_what_makes_no_sense_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv(name, "nonsense")
    for begin in (execute, serve):
        with pytest.raises(UsageError, match=name):
            begin(home)  # type: ignore[operator]
    assert not home.root.exists()
    assert collect(home).run is None, "whoever only reads is not stopped"


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, text)
    require_sense()


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf"])
def test_an_archive_may_expand_to_something(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ANXIN_EXPANDED_GB", text)
    with pytest.raises(UsageError, match="number of GiB"):
        require_sense()
