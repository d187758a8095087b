"""Homes in which a person is known, and in which that person is erased."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration import pipeline
from orchestration.home import Home
from tests.erasing.people import deliver_person, erase, mark_tables
from tests.once import Once
from tests.small_landing import DAYS, deliver_day


@pytest.fixture(scope="session")
def known(once: Once) -> Home:
    """Two generations that show the person; not to be written to."""
    return once("known", _known)


def _known(folder: Path) -> Home:
    home = Home(folder / "home").create()
    deliver_person(home)
    assert pipeline.run(home).outcome == "published"
    deliver_day(home, DAYS[1])
    assert pipeline.run(home).outcome == "published"
    return home


@pytest.fixture
def home(known: Home, tmp_path: Path) -> Home:
    """A home of one's own in which the person is known."""
    return copied(known, tmp_path / "home")


@pytest.fixture(scope="session")
def mended(known: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the person is erased and the run after it is published; not to be written."""
    home = copied(known, tmp_path_factory.mktemp("mended") / "home")
    erase(home)
    for database in (home.warehouse, home.published):
        mark_tables(database)
    assert pipeline.run(home).outcome == "published"
    return home


def copied(home: Home, root: Path) -> Home:
    """Copy a home; links to one file stay that."""
    shutil.copytree(home.root, root, ignore=shutil.ignore_patterns("serving"))
    for link in sorted(home.generations.glob("*")):
        target = root / link.relative_to(home.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(link, target)
        if link.samefile(home.published):
            (root / "serving" / home.published.name).hardlink_to(target)
    return Home(root)
