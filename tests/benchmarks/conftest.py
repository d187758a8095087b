"""A small history, loaded and built once for all tests in here."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks import histories, measure
from orchestration import transform
from orchestration.home import Home

LINES = 3_000


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small history, loaded and built."""
    home = Home(tmp_path_factory.mktemp("built")).create()
    histories.make_landing(home, LINES, since=date(2021, 2, 1))
    measure.worker(home, "load")
    arguments = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    assert transform.invoke(home, arguments).failed == []
    return home
