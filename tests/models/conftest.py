"""Homes whose models are all built: over raw tables without a row, and over small platforms."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from orchestration import pipeline, transform
from orchestration.defs.launch import execute
from orchestration.home import Home
from simulator.parameters import Parameters
from simulator.simulate import simulate
from tests.empty_home import empty_home
from tests.once import Once

NO_TESTS = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
SMALL = Parameters(lines=3_000, seed=3, from_date=date(2021, 5, 1), days=1, is_clean=True)


@pytest.fixture(scope="session")
def built_home(once: Once) -> Home:
    """Unit tests take the types of their fixtures from the relations in here."""
    return once("built", _built)


def _built(folder: Path) -> Home:
    home = empty_home(folder)
    assert transform.invoke(home, ["build", *NO_TESTS]).failed == []
    return home


@pytest.fixture(scope="session")
def small_home(once: Once) -> Home:
    """A home that has published a small simulated platform without faults."""
    return once("small", _small)


def _small(folder: Path) -> Home:
    home = Home(folder / "home").create()
    made = simulate(SMALL, home.root / "simulation")
    shutil.copytree(made.out / "landing", home.landing, dirs_exist_ok=True)
    assert pipeline.run(home).outcome == "published"
    return home


@pytest.fixture(scope="session")
def faulty_home(once: Once) -> Home:
    """A home that has published twenty months of a simulated platform with faults."""
    return once("faulty", _faulty)


def _faulty(folder: Path) -> Home:
    home = Home(folder)
    simulate(Parameters(lines=30_000, seed=3, days=1), home.root)
    assert execute(home).outcome == "published"
    return home
