"""Batch audits hold what is not believable, report what is odd, and let honest files pass."""

from __future__ import annotations

import datetime as dt

import pytest

from orchestration.quality import AuditResult, audit_deliveries, blocking

from .conftest import MONDAY, Warehouse
from .small_rows import ENTITIES


def audit(warehouse: Warehouse, *deliveries: int) -> dict[int, list[AuditResult]]:
    return audit_deliveries(warehouse.connection, deliveries)


def verdict(warehouse: Warehouse, delivery: int) -> tuple[list[str], list[str]]:
    """Return the rules for which a delivery is held, and those that are reported."""
    failed = [result for result in audit(warehouse, delivery)[delivery] if not result.success]
    held = [result.rule for result in failed if result.blocks]
    return held, [result.rule for result in failed if not result.blocks]


def held(warehouse: Warehouse, delivery: int) -> list[str]:
    return verdict(warehouse, delivery)[0]


def reported(warehouse: Warehouse, delivery: int) -> list[str]:
    return verdict(warehouse, delivery)[1]


def test_good_deliveries_of_every_entity_pass_in_one_call(warehouse: Warehouse) -> None:
    deliveries = [warehouse.deliver(entity) for entity in ENTITIES]
    results = audit(warehouse, *deliveries)
    assert list(results) == deliveries
    assert all(results.values())
    assert [result for items in results.values() for result in items if not result.success] == []


def test_nothing_to_audit_is_no_work(warehouse: Warehouse) -> None:
    assert audit(warehouse) == {}


def test_only_the_bad_delivery_is_held(warehouse: Warehouse) -> None:
    good, bad = warehouse.deliver(), warehouse.deliver(quarantined=100)
    results = audit(warehouse, good, bad)
    assert blocking(results[good]) == []
    (result,) = blocking(results[bad])
    assert (result.delivery_id, result.column) == (bad, "quarantined_rate")


def test_a_small_file_is_not_held_for_its_rates(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=2, quarantined=17, freight_amount="99999")
    assert held(warehouse, delivery) == []
    assert "at most 5% of the rows are quarantined" in reported(warehouse, delivery)


def test_the_smallest_file_with_rates_is_held(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=2, quarantined=18)
    assert held(warehouse, delivery) == ["at most 50% of the rows are quarantined"]


def test_a_tenth_in_quarantine_is_reported(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(quarantined=4)
    assert verdict(warehouse, delivery) == ([], ["at most 5% of the rows are quarantined"])


def test_a_file_of_quarantined_rows_alone_is_held(warehouse: Warehouse) -> None:
    assert held(warehouse, warehouse.deliver(count=0, quarantined=30))


def test_an_empty_file_passes(warehouse: Warehouse) -> None:
    results = audit(warehouse, delivery := warehouse.deliver(count=0))[delivery]
    assert all(result.success for result in results)


def test_a_file_without_rows_that_would_empty_a_path_is_held(warehouse: Warehouse) -> None:
    for count, rules in ((20, ["a file without an accepted row replaces fewer than 20"]), (19, [])):
        path = f"native/orders/dt={MONDAY}/{count}.csv"
        warehouse.deliver(count=count, path=path, status="accepted")
        assert held(warehouse, warehouse.deliver(count=0, path=path)) == rules
        assert held(warehouse, warehouse.deliver(count=0, quarantined=1, path=path)) == rules
        assert held(warehouse, warehouse.deliver(count=1, path=path)) == []


def test_a_row_that_is_neither_accepted_nor_quarantined_holds(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=3)
    warehouse.execute(f"update raw.deliveries set rows_read = 4 where delivery_id = {delivery}")
    assert held(warehouse, delivery) == ["every row read is either accepted or quarantined"]


def test_a_row_missing_in_the_raw_table_holds(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=3)
    warehouse.execute(f"delete from raw.orders where _delivery_id = {delivery} and _row_number = 2")
    assert held(warehouse, delivery) == [
        "every accepted row stands in the raw table",
        "the control totals are the sums of the rows that stand in the raw table",
    ]


def test_a_raw_table_without_any_declared_row_holds(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=3)
    warehouse.execute(f"delete from raw.orders where _delivery_id = {delivery}")
    assert "every accepted row stands in the raw table" in held(warehouse, delivery)


def test_a_wrong_control_total_holds(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=3)
    warehouse.execute("update raw.control_totals set total_value = total_value + 1")
    assert held(warehouse, delivery) == [
        "the control totals are the sums of the rows that stand in the raw table"
    ]


def test_a_control_total_of_the_feed_itself_is_not_compared(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver(count=3)
    warehouse.execute(
        f"insert into raw.control_totals values ({delivery}, 'orders', 'sales_unrounded', 7.5)"
    )
    assert held(warehouse, delivery) == []


def test_repeated_versions_hold_when_most_rows_repeat(warehouse: Warehouse) -> None:
    repeated = warehouse.deliver(order_id="'same'")
    some = warehouse.deliver(order_id="'n' || (i // 2)")
    assert held(warehouse, repeated) == [
        "at most 50% of the rows repeat a version of the same file"
    ]
    assert verdict(warehouse, some) == (
        [],
        ["no row repeats a version of the same file"],
    )


@pytest.mark.parametrize(("hours", "is_late"), [(47, False), (49, True)])
def test_events_long_after_dt_are_reported(warehouse: Warehouse, hours: int, is_late: bool) -> None:
    end = "timestamp '2024-06-03 16:00:00'"  # midnight in Shanghai
    delivery = warehouse.deliver(updated_at=f"{end} + interval {hours} hour")
    expected = ["no version lies more than 2 days after the end of dt"] if is_late else []
    assert reported(warehouse, delivery) == expected


def test_the_same_content_under_another_name_is_reported(warehouse: Warehouse) -> None:
    warehouse.deliver(sha256="a", status="accepted")
    copy = warehouse.deliver(sha256="a", day=MONDAY + dt.timedelta(days=1))
    assert reported(warehouse, copy) == ["no other file of the feed has the same content"]


def test_unchanged_master_data_is_not_reported_as_a_copy(warehouse: Warehouse) -> None:
    warehouse.deliver("products", sha256="a", status="accepted")
    copy = warehouse.deliver("products", sha256="a", day=MONDAY + dt.timedelta(days=1))
    assert reported(warehouse, copy) == []


@pytest.mark.parametrize("count", [7, 210])
def test_an_unusual_number_of_rows_is_reported(warehouse: Warehouse, count: int) -> None:
    warehouse.history(7)
    delivery = warehouse.deliver(count=count)
    assert verdict(warehouse, delivery) == ([], ["as many rows as usual, within a factor of 5"])


def test_an_empty_file_among_full_ones_is_reported(warehouse: Warehouse) -> None:
    warehouse.history(7)
    assert reported(warehouse, warehouse.deliver(count=0)) == [
        "as many rows as usual, within a factor of 5"
    ]


def test_six_earlier_deliveries_make_nothing_usual(warehouse: Warehouse) -> None:
    warehouse.history(6)
    delivery = warehouse.deliver(count=300, pay_amount="1000000 + i")
    assert verdict(warehouse, delivery) == ([], [])


def test_deliveries_that_do_not_count_make_nothing_usual(warehouse: Warehouse) -> None:
    warehouse.history(9)
    warehouse.execute("update raw.deliveries set status = 'held'")
    assert reported(warehouse, warehouse.deliver(count=300)) == []


def test_later_deliveries_make_nothing_usual(warehouse: Warehouse) -> None:
    warehouse.history(9)
    early = warehouse.deliver(count=300, day=MONDAY - dt.timedelta(days=20))
    assert reported(warehouse, early) == []


def test_amounts_in_another_unit_hold(warehouse: Warehouse) -> None:
    warehouse.history(7)
    yuan = warehouse.deliver(pay_amount="(10000 + i) // 100", freight_amount="5")
    assert held(warehouse, yuan) == ["amounts per row as usual, within a factor of 20"]


def test_amounts_in_another_unit_in_a_small_file_do_not_hold(warehouse: Warehouse) -> None:
    warehouse.history(7)
    assert held(warehouse, warehouse.deliver(count=19, pay_amount="1000000")) == []


def test_dearer_orders_are_reported(warehouse: Warehouse) -> None:
    warehouse.history(7)
    delivery = warehouse.deliver(pay_amount="40000 + i")
    assert verdict(warehouse, delivery) == ([], ["amounts per row as usual, within a factor of 3"])


@pytest.mark.parametrize(
    ("entity", "columns"),
    [("orders", {"freight_amount": "99999"}), ("claims", {"refund_amount": "9001"})],
)
def test_amounts_that_mostly_contradict_each_other_hold(
    warehouse: Warehouse, entity: str, columns: dict[str, str]
) -> None:
    assert held(warehouse, warehouse.deliver(entity, **columns))


def test_the_work_does_not_grow_with_the_number_of_deliveries(warehouse: Warehouse) -> None:
    days = [MONDAY - dt.timedelta(days=back) for back in range(100)]
    deliveries = [warehouse.deliver(count=2, day=day) for day in days]
    one: list[object] = []
    all_of_them: list[object] = []
    audit_deliveries(warehouse.connection, deliveries[:1], validations=one)
    results = audit_deliveries(warehouse.connection, deliveries, validations=all_of_them)
    assert len(one) == len(all_of_them) == 3
    assert len(results) == 100


def test_no_value_of_a_personal_column_is_in_a_result(warehouse: Warehouse) -> None:
    bad = [
        warehouse.deliver("customers", customer_id="'secret-1'", registered_at="now()::timestamp"),
        warehouse.deliver("orders", customer_id="'secret-2'", freight_amount="99999999"),
    ]
    text = repr(audit(warehouse, *bad))
    assert "unexpected" in text
    for private in ("secret", "Secret", "138000", "137000"):
        assert private not in text


def test_the_warehouse_is_left_as_it_was(warehouse: Warehouse) -> None:
    delivery = warehouse.deliver()
    tables = "select database_name, schema_name, table_name, estimated_size from duckdb_tables()"
    before = warehouse.execute(tables).fetchall()
    audit(warehouse, delivery)
    assert warehouse.execute(tables).fetchall() == before
