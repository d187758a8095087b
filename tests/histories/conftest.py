"""What dbt runs for every model, recorded once for all tests of histories."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.home import Home

from .real_dbt import DbtPair
from .recording import Recording, record


@dataclass(frozen=True)
class Recorded:
    """A recording, the home that it was made in, and the databases as they were then."""

    recording: Recording
    home: Home
    pristine: Path


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Every model built by dbt on no data."""
    folder = tmp_path_factory.mktemp("recording")
    home = Home(folder / "home").create()
    recording = record(home)
    pristine = folder / "pristine"
    pristine.mkdir()
    for database in (home.warehouse, home.marts_next):
        shutil.copyfile(database, pristine / database.name)
    return Recorded(recording, home, pristine)


@pytest.fixture(scope="session")
def recording(recorded: Recorded) -> Recording:
    """What dbt runs for every model."""
    return recorded.recording


@pytest.fixture
def dbt_pair(recorded: Recorded) -> Iterator[DbtPair]:
    """Databases without data on which dbt runs the models."""
    for database in (recorded.home.warehouse, recorded.home.marts_next):
        shutil.copyfile(recorded.pristine / database.name, database)
    pair = DbtPair(recorded.recording, recorded.home)
    yield pair
    pair.close()
