"""A full build in slices has the rows of one without."""

from __future__ import annotations

import re

import duckdb
import pytest

from orchestration import transform
from orchestration.home import Home
from tests.empty_home import empty_home

SLICED = {"int_refund_breaks", "int_refund_orders_reconciled", "fct_refund_reconciliation"}
SLICE = re.compile(r"where\s+hash\(\w+\) % \d+\s+= \d+")


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """By model that is built in slices: its relation, and the first slice of a full build."""
    home = empty_home(tmp_path_factory.mktemp("sliced"))
    transform.invoke(home, ["compile", "--select", *SLICED])
    return {
        node["name"]: (node["relation_name"], node["compiled_code"])
        for node in transform.manifest(home)["nodes"].values()
        if node["config"].get("meta", {}).get("restate", {}).get("slices", 1) > 1
    }


def unlike(home: Home, relation: str, select: str) -> tuple[int, int]:
    """How many rows a table has, and how many differ from those of a select."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{home.published}' as marts (read_only)")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create temp table found as from {relation}")
        connection.execute(f"create temp table expected as {select}")
        (count,) = connection.execute("select count(*) from found").fetchone() or (0,)
        both = "(from {0} except all from {1})"
        sides = (both.format("found", "expected"), both.format("expected", "found"))
        rows = connection.execute(f"select count(*) from ({' union all '.join(sides)})").fetchone()
    return count, (rows or (-1,))[0]


def compare(sliced: dict[str, tuple[str, str]], home: Home) -> dict[str, int]:
    """Rows by model, after comparing them with those of a build without slices."""
    counts = {}
    for name, (relation, code) in sliced.items():
        select, found = SLICE.subn("", code)
        assert found > 1, f"{name} narrows no input to its slice"
        counts[name], differences = unlike(home, relation, select)
        assert differences == 0, name
        assert 0 < unlike(home, relation, code)[1] < counts[name], f"{name} has one slice only"
    return counts


def test_a_build_in_slices_has_all_rows(
    sliced: dict[str, tuple[str, str]], small_home: Home
) -> None:
    assert set(sliced) == SLICED
    with duckdb.connect(str(small_home.warehouse), read_only=True) as connection:
        counted = connection.execute("select count(*) from intermediate.int_refund_orders_linked")
        (linked,) = counted.fetchone() or (0,)
    assert compare(sliced, small_home)["int_refund_orders_reconciled"] == linked > 100


@pytest.mark.whole
def test_a_build_in_slices_has_all_rows_of_a_platform_with_faults(
    sliced: dict[str, tuple[str, str]], faulty_home: Home
) -> None:
    assert min(compare(sliced, faulty_home).values()) > 20
