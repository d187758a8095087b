"""The scripts that the models are measured against compute the same rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks import hand_written, histories, measure
from orchestration import transform
from orchestration.home import Home

from .conftest import LINES


@pytest.fixture(scope="module")
def changed(built: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same with a day's change loaded, but not built."""
    root = tmp_path_factory.mktemp("changed")
    change = histories.make_change(built, LINES, root / "change")
    assert all(change.rows.values()), f"a file of the day is empty: {change.rows}"
    home = histories.copy_home(built, root / "home")
    change.deliver(home)
    measure.worker(home, "load")
    return home


@pytest.mark.soak
def test_the_full_script_equals_the_models(built: Home, tmp_path: Path) -> None:
    by_hand = histories.copy_home(built, tmp_path / "by_hand")
    hand_written.drop_built(by_hand)
    hand_written.run(by_hand, "full")
    assert {"int_orders_current", "fct_orders", "agg_gmv_daily"} <= set(hand_written.covered())
    assert hand_written.differences(by_hand, built) == {}


@pytest.mark.soak
def test_the_refresh_script_equals_a_full_build(built: Home, changed: Home, tmp_path: Path) -> None:
    full = histories.copy_home(changed, tmp_path / "full")
    hand_written.drop_built(full)
    hand_written.run(full, "full")
    assert hand_written.differences(full, built) != {}, "the day changes nothing"
    by_hand = histories.copy_home(changed, tmp_path / "by_hand")
    hand_written.run(by_hand, "refresh", mark=_head(built))
    assert hand_written.differences(full, by_hand) == {}
    refreshed = histories.copy_home(changed, tmp_path / "refreshed")
    assert transform.invoke(refreshed, ["run"]).failed == []
    assert hand_written.differences(full, refreshed) == {}


def _head(home: Home) -> int:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute("select max(change_seq) from raw.change_events").fetchone()
    assert row
    return int(row[0])
