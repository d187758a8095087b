"""Dagster's files, damaged or edited, are named; no run begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.defs.instance import CONFIG, DATABASES, open_instance
from orchestration.home import AnxinError, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    with open_instance(made) as instance:
        instance.all_asset_keys()
    return made


@pytest.mark.parametrize("name", DATABASES)
def test_a_damaged_database_is_refused_by_name_of_the_folder(home: Home, name: str) -> None:
    assert (home.dagster / name).exists()
    (home.dagster / name).write_bytes(b"no database" * 1000)
    with (
        pytest.raises(AnxinError, match=r"history in .*: file is not a database; move the folder"),
        open_instance(home),
    ):
        pass
    home.dagster.rename(home.root / "away")
    with open_instance(home) as instance:
        assert instance.get_runs() == []


@pytest.mark.parametrize("text", ["telemetry: [", "telemetri: {enabled: false}", "no mapping"])
def test_a_mistake_in_the_configuration_is_refused_by_its_name(home: Home, text: str) -> None:
    (home.dagster / CONFIG).write_text(text)
    with pytest.raises(AnxinError, match=f"understand .*{CONFIG}: mend it"), open_instance(home):
        pass
    (home.dagster / CONFIG).unlink()
    with open_instance(home):
        pass
