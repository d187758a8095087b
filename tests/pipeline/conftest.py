"""A home in which something is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration import pipeline
from orchestration.home import Home
from tests.once import Once
from tests.small_landing import DAYS, deliver_day


@pytest.fixture(scope="session")
def published(once: Once) -> Home:
    """A home in which the first day is published; not to be written to."""
    return once("published", _published)


def _published(folder: Path) -> Home:
    home = Home(folder / "home").create()
    deliver_day(home, DAYS[0])
    assert pipeline.run(home).outcome == "published"
    return home


@pytest.fixture
def home(published: Home, tmp_path: Path) -> Home:
    """A home of one's own in which the first day is published."""
    shutil.copytree(published.root, tmp_path / "home")
    return Home(tmp_path / "home")
