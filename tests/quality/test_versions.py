"""Repeated versions and versions from the future are reported with delivery and row number."""

from __future__ import annotations

import datetime as dt

import pytest

from orchestration.quality import audit_deliveries

from .conftest import MONDAY, Warehouse

TUESDAY = MONDAY + dt.timedelta(days=1)
SAME_FILE = "no row repeats a version of the same file"
ANOTHER_FILE = "no row repeats a version of another file"
AHEAD = "no version lies more than 2 days after the end of dt"

Rows = list[tuple[int, int]]


def odd_rows(warehouse: Warehouse, *deliveries: int) -> dict[str, Rows]:
    """Audit deliveries; delivery and row number by rule, of all odd versions; none is held."""
    found: dict[str, Rows] = {}
    for results in audit_deliveries(warehouse.connection, deliveries).values():
        assert not any(result.blocks for result in results)
        for result in results:
            if result.table == "versions" and not result.success:
                assert result.severity == "warning"
                assert result.unexpected_count == len(result.sample)
                rows = [(key["_delivery_id"], key["_row_number"]) for key in result.sample]
                found.setdefault(result.rule, []).extend(sorted(rows))
    return found


def copy_row(
    warehouse: Warehouse, origin: int, row: int, target: int, changes: str = "", *, entity: str
) -> tuple[int, int]:
    """Add a copy of a row to the end of a delivery, with columns replaced by SQL."""
    number = 1000 + row
    warehouse.execute(
        f"insert into raw.{entity} select * replace ({target} as _delivery_id,"
        f" {number} as _row_number {changes}) from raw.{entity}"
        f" where _delivery_id = {origin} and _row_number = {row}"
    )
    for table, id_, counted in (
        ("deliveries", "delivery_id", "rows_read = rows_read + 1, rows_accepted = rows_accepted"),
        ("delivery_entities", "delivery_id", "row_count = row_count"),
    ):
        warehouse.execute(f"update raw.{table} set {counted} + 1 where {id_} = {target}")
    warehouse.count_totals(target, entity)
    return target, number


@pytest.mark.parametrize("entity", ["orders", "shipments", "products", "livestream_traffic"])
def test_one_row_that_is_there_twice_is_reported(warehouse: Warehouse, entity: str) -> None:
    good, bad = warehouse.deliver(entity), warehouse.deliver(entity, day=TUESDAY)
    planted = copy_row(warehouse, bad, 7, bad, entity=entity)
    assert odd_rows(warehouse, good, bad) == {SAME_FILE: [planted]}


def test_two_states_at_one_version_time_are_reported(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver()
    change = ", pay_amount + 1 as pay_amount"
    planted = copy_row(warehouse, delivery, 7, delivery, change, entity="orders")
    assert odd_rows(warehouse, delivery) == {SAME_FILE: [planted]}


def test_a_later_version_is_no_repetition(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver()
    change = ", updated_at + interval 1 second as updated_at"
    copy_row(warehouse, delivery, 7, delivery, change, entity="orders")
    assert odd_rows(warehouse, delivery) == {}


@pytest.mark.parametrize("status", ["loaded", "accepted"])
@pytest.mark.parametrize("entity", ["orders", "shipments"])
def test_a_version_of_an_earlier_file_is_reported(
    warehouse: Warehouse, status: str, entity: str
) -> None:
    earlier = warehouse.deliver(entity, status=status)
    later = warehouse.deliver(entity, day=TUESDAY)
    planted = copy_row(warehouse, earlier, 7, later, entity=entity)
    audited = [later] if status == "accepted" else [earlier, later]
    assert odd_rows(warehouse, *audited) == {ANOTHER_FILE: [planted]}


def test_a_late_file_is_reported_for_what_later_days_had_already(warehouse: Warehouse) -> None:
    known = warehouse.deliver(day=TUESDAY, status="accepted")
    late = warehouse.deliver()
    planted = copy_row(warehouse, known, 7, late, entity="orders")
    assert odd_rows(warehouse, late) == {ANOTHER_FILE: [planted]}


@pytest.mark.parametrize("status", ["held", "rejected", "superseded"])
def test_files_that_do_not_count_are_not_repeated(warehouse: Warehouse, status: str) -> None:
    earlier = warehouse.deliver(status=status)
    later = warehouse.deliver(day=TUESDAY)
    copy_row(warehouse, earlier, 7, later, entity="orders")
    assert odd_rows(warehouse, later) == {}


def test_a_corrected_file_may_say_again_what_it_replaces(warehouse: Warehouse) -> None:
    path = f"native/orders/dt={MONDAY}/a.csv"
    earlier = warehouse.deliver(status="accepted", path=path)
    corrected = warehouse.deliver(path=path)
    copy_row(warehouse, earlier, 7, corrected, entity="orders")
    assert odd_rows(warehouse, corrected) == {}


def test_masters_may_come_whole_every_day(warehouse: Warehouse) -> None:
    days = [warehouse.deliver("products", day=day) for day in (MONDAY, TUESDAY)]
    warehouse.execute("update raw.products set updated_at = timestamp '2024-06-01'")
    assert odd_rows(warehouse, *days) == {}


def test_one_row_from_days_ahead_is_reported(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver()
    change = ", timestamp '2024-06-06' as updated_at"
    planted = copy_row(warehouse, delivery, 7, delivery, change, entity="orders")
    assert odd_rows(warehouse, delivery) == {AHEAD: [planted]}
