"""Rows whose order, claim, line or session has not come are counted and named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from orchestration.quality import audit_marts

from .conftest import Warehouse
from .small_marts import make_intermediate, make_marts

MISSING = {
    "orders": {
        "order_lines": "l7",
        "claims": "a7",
        "reviews": "r7",
        "shipments": "h7",
        "service_conversations": "v7",
        "complaints": "c7",
        "insurance_policies": "p7",
    },
    "claims": {"disputes": "d7", "refund_orders": "f7", "insurance_policies": "p7"},
    "order_lines": {"claims": "a7"},
    "livestream_sessions": {"livestream_traffic": "s7 2024-01-01 00:00:00"},
}
"""By parent: the entities that wait for it, each with the row that belongs to number 7."""
UPDATED_AT = dt.datetime(2024, 6, 1)  # noqa: DTZ001 (UTC, as the warehouse holds it)


@pytest.fixture
def marts(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    make_intermediate(warehouse.connection)
    make_marts(warehouse.connection, tmp_path / "marts-next.duckdb", "marts")
    return warehouse


def waits(marts: Warehouse) -> tuple[list[tuple[Any, ...]], set[tuple[str, str, str, str]]]:
    """What `meta.waiting` will hold, and the keys that the warnings name."""
    counted: list[tuple[Any, ...]] = []
    found = [
        result
        for result in audit_marts(marts.connection, waiting=counted)
        if result.table == "waiting" and not result.success
    ]
    assert {result.severity for result in found} <= {"warning"}
    return counted, {tuple(key.values()) for result in found for key in result.sample}


def test_nothing_waits_when_all_has_come(marts: Warehouse) -> None:
    assert waits(marts) == ([], set())


@pytest.mark.parametrize("parent", MISSING)
def test_what_belongs_to_a_missing_parent_waits(marts: Warehouse, parent: str) -> None:
    marts.execute(f"delete from intermediate.int_{parent}_current where rowid = 7")
    names = {"orders": "o7", "claims": "a7", "order_lines": "l7", "livestream_sessions": "s7"}
    counted, keys = waits(marts)
    assert counted == [(entity, parent, 1, UPDATED_AT) for entity in sorted(MISSING[parent])]
    assert keys == {(entity, row, parent, names[parent]) for entity, row in MISSING[parent].items()}


def test_a_row_that_names_no_parent_waits_for_none(marts: Warehouse) -> None:
    for table, column in (
        ("claims", "order_id"),
        ("claims", "line_id"),
        ("service_conversations", "order_id"),
        ("refund_orders", "claim_id"),
    ):
        marts.execute(
            f"update intermediate.int_{table}_current set {column} = null where rowid = 7"
        )
    assert waits(marts) == ([], set())


def test_a_claim_of_a_line_of_another_order_waits(marts: Warehouse) -> None:
    marts.execute("update intermediate.int_claims_current set order_id = 'o6' where rowid = 7")
    assert waits(marts) == (
        [("claims", "order_lines", 1, UPDATED_AT)],
        {("claims", "a7", "order_lines", "l7")},
    )


def test_the_oldest_and_the_number_of_rows_are_counted(marts: Warehouse) -> None:
    marts.execute("delete from intermediate.int_livestream_sessions_current where rowid < 3")
    marts.execute(
        "update intermediate.int_livestream_traffic_current"
        " set updated_at = timestamp '2024-01-02' where rowid = 1"
    )
    oldest = dt.datetime(2024, 1, 2)  # noqa: DTZ001
    assert waits(marts)[0] == [("livestream_traffic", "livestream_sessions", 3, oldest)]
