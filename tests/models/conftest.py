"""A home whose models are all built, over raw tables without a row."""

from __future__ import annotations

import duckdb
import pytest

from orchestration import transform
from orchestration.home import Home
from orchestration.ingestion import schema
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.sources import load_sources

NO_TESTS = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Unit tests take the types of their fixtures from the relations in here."""
    home = Home(tmp_path_factory.mktemp("built")).create()
    with duckdb.connect(str(home.warehouse)) as connection:
        schema.ensure(connection, load_contract(), load_sources())
    assert transform.invoke(home, ["build", *NO_TESTS]).failed == []
    return home
