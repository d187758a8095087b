"""A home in which nothing has been delivered."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.home import Home
from orchestration.ingestion import schema
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.sources import load_sources


def empty_home(folder: Path) -> Home:
    """Make a home whose raw tables stand, without a row."""
    home = Home(folder).create()
    with duckdb.connect(str(home.warehouse)) as connection:
        schema.ensure(connection, load_contract(), load_sources())
    return home
