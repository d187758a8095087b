"""Two histories whose money trails several files of tests look at, and only look at."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.simulator.trails import RATES, history


@pytest.fixture(scope="session")
def clean() -> Iterator[duckdb.DuckDBPyConnection]:
    """A history without faults."""
    with history({}) as connection:
        yield connection


@pytest.fixture(scope="session")
def broken() -> Iterator[duckdb.DuckDBPyConnection]:
    """A history with the usual share of breaks."""
    with history(RATES) as connection:
        yield connection
