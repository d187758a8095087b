"""What dbt runs for every model, recorded once for all tests of histories."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.home import Home
from tests.once import Once

from .real_dbt import DbtPair
from .recording import Recording, record


@dataclass(frozen=True)
class Recorded:
    """A recording, the home that it was made in, and a copy of its warehouse."""

    recording: Recording
    home: Home
    warehouse: Path


@pytest.fixture(scope="session")
def recorded(once: Once) -> Recorded:
    """Every model built by dbt on no data."""
    return once("recorded", _recorded)


def _recorded(folder: Path) -> Recorded:
    home = Home(folder / "home").create()
    recording = record(home)
    shutil.copyfile(home.warehouse, folder / "copy.duckdb")
    return Recorded(recording, home, folder / "copy.duckdb")


@pytest.fixture(scope="session")
def recording(recorded: Recorded) -> Recording:
    """What dbt runs for every model."""
    return recorded.recording


@pytest.fixture
def dbt_pair(recorded: Recorded) -> Iterator[DbtPair]:
    """Databases without data on which dbt runs the models."""
    shutil.copyfile(recorded.warehouse, recorded.home.warehouse)
    pair = DbtPair(recorded.recording, recorded.home)
    pair.forget_builds()
    yield pair
    pair.close()
