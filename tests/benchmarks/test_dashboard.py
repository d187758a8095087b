"""The tiles of the benchmark's dashboard fit the marts and answer."""

from __future__ import annotations

import duckdb
import pytest

from benchmarks import dashboard
from orchestration import transform
from orchestration.home import Home


@pytest.mark.soak
def test_a_dashboard_has_twenty_tiles_that_the_marts_answer(built: Home) -> None:
    tiles = dashboard.tiles()
    assert len(tiles) == 20
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.marts_next}' as marts (read_only)")
        connection.execute("use marts")
        silent = [
            title for title, query in tiles.items() if not connection.execute(query).fetchone()
        ]
    assert silent == []
    schemas = {node["schema"] for node in transform.manifest(built)["nodes"].values()}
    read = {schema for schema in schemas if any(f" {schema}." in tile for tile in tiles.values())}
    assert read >= {"sales", "growth", "livestream", "claims", "merchants", "customers"}


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 201)]
    assert dashboard.quantile(values, 0.95) == 190
    assert dashboard.quantile(values, 0.5) == 100
    assert dashboard.quantile([7.0], 0.95) == 7
