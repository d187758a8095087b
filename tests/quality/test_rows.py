"""Odd rows and empty columns are reported, each with what a person needs to find them.

All faults stand in one warehouse and are audited in one call, among good deliveries.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestration.quality import AuditResult, audit_deliveries

from .conftest import Warehouse, open_warehouse
from .small_rows import ENTITIES

ODD_ROWS = [
    ("orders", {"pay_amount": "1"}, "freight_amount does not exceed pay_amount"),
    ("orders", {"paid_at": "timestamp '2024-06-04'"}, "updated_at does not lie before paid_at"),
    (
        "orders",
        {"created_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before created_at",
    ),
    (
        "orders",
        {"finished_at": "timestamp '2024-06-01'"},
        "finished_at does not lie before created_at",
    ),
    ("orders", {"currency_code": "'RMB￥'"}, "currency_code has the three letters of ISO 4217"),
    ("order_lines", {"pay_amount": "12001"}, "pay_amount does not exceed order_amount"),
    ("order_lines", {"item_count": "0"}, "a line with a price sells at least one unit"),
    (
        "order_lines",
        {"received_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before received_at",
    ),
    (
        "merchants",
        {"opened_at": "timestamp '2025-01-01'"},
        "updated_at does not lie before opened_at",
    ),
    (
        "customers",
        {"registered_at": "timestamp '2025-01-01'"},
        "updated_at does not lie before registered_at",
    ),
    (
        "livestream_sessions",
        {"peak_online_count": "101"},
        "peak_online_count does not exceed view_count",
    ),
    (
        "livestream_sessions",
        {"product_click_count": "501"},
        "product_click_count does not exceed product_exposure_count",
    ),
    (
        "livestream_sessions",
        {"started_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before started_at",
    ),
    ("claims", {"refund_amount": "9001"}, "refund_amount does not exceed applied_amount"),
    (
        "claims",
        {"refunded_at": "timestamp '2024-06-01'"},
        "refunded_at does not lie before applied_at",
    ),
    (
        "claims",
        {"approved_at": "timestamp '2024-06-01'"},
        "approved_at does not lie before applied_at",
    ),
    (
        "claims",
        {"applied_at": "timestamp '2024-06-05'"},
        "updated_at does not lie before applied_at",
    ),
    (
        "claims",
        {"currency_code": "'fen'||'x'"},
        "currency_code has the three letters of ISO 4217",
    ),
    (
        "right_enrolments",
        {"ended_at": "timestamp '2024-06-01'"},
        "ended_at does not lie before enrolled_at",
    ),
    (
        "disputes",
        {"judged_at": "timestamp '2024-06-01'"},
        "judged_at does not lie before opened_at",
    ),
    (
        "shipments",
        {"delivered_at": "timestamp '2024-06-01'"},
        "delivered_at does not lie before picked_up_at",
    ),
    (
        "shipments",
        {"delivery_due_at": "timestamp '2024-06-01'"},
        "delivery_due_at does not lie before pickup_due_at",
    ),
    (
        "service_conversations",
        {"first_replied_at": "timestamp '2024-06-01'"},
        "first_replied_at does not lie before started_at",
    ),
    (
        "service_conversations",
        {"ended_at": "timestamp '2024-06-01'"},
        "ended_at does not lie before started_at",
    ),
    (
        "complaints",
        {"closed_at": "timestamp '2024-06-01'"},
        "closed_at does not lie before complained_at",
    ),
    (
        "refund_orders",
        {"succeeded_at": "timestamp '2024-06-01'"},
        "succeeded_at does not lie before instructed_at",
    ),
    (
        "refund_orders",
        {"due_at": "timestamp '2024-06-01'"},
        "due_at does not lie before instructed_at",
    ),
    (
        "insurance_policies",
        {"paid_out_at": "timestamp '2024-06-01'"},
        "paid_out_at does not lie before insured_at",
    ),
    (
        "right_enrolments",
        {"enrolled_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before enrolled_at",
    ),
    (
        "livestream_traffic",
        {"interval_started_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before interval_started_at",
    ),
    (
        "disputes",
        {"opened_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before opened_at",
    ),
    (
        "reviews",
        {"reviewed_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before reviewed_at",
    ),
    (
        "shipments",
        {"picked_up_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before picked_up_at",
    ),
    (
        "shipments",
        {"delivered_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before delivered_at",
    ),
    (
        "service_conversations",
        {"started_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before started_at",
    ),
    (
        "complaints",
        {"complained_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before complained_at",
    ),
    (
        "violations",
        {"violated_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before violated_at",
    ),
    ("ad_spend", {"spent_at": "timestamp '2024-06-04'"}, "updated_at does not lie before spent_at"),
    (
        "refund_orders",
        {"instructed_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before instructed_at",
    ),
    (
        "channel_bill_lines",
        {"transacted_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before transacted_at",
    ),
    (
        "fund_flows",
        {"flowed_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before flowed_at",
    ),
    (
        "insurance_policies",
        {"insured_at": "timestamp '2024-06-04'"},
        "updated_at does not lie before insured_at",
    ),
    ("ad_spend", {"currency_code": "'RMB￥'"}, "currency_code has the three letters of ISO 4217"),
    (
        "refund_orders",
        {"currency_code": "'RMB￥'"},
        "currency_code has the three letters of ISO 4217",
    ),
    (
        "channel_bill_lines",
        {"currency_code": "'RMB￥'"},
        "currency_code has the three letters of ISO 4217",
    ),
    ("fund_flows", {"currency_code": "'RMB￥'"}, "currency_code has the three letters of ISO 4217"),
    (
        "insurance_policies",
        {"currency_code": "'RMB￥'"},
        "currency_code has the three letters of ISO 4217",
    ),
]
EMPTY_COLUMNS = [
    ("orders", {"customer_id": "null"}, "at most 30% of the paid orders lack the customer"),
    ("order_lines", {"creator_id": "null"}, "at most 30% of the live lines lack the creator"),
    ("order_lines", {"session_id": "null"}, "at most 30% of the live lines lack the session"),
    ("products", {"product_name": "null"}, "at most 5% of the products lack the name"),
    ("merchants", {"merchant_name": "null"}, "at most 5% of the merchants lack the name"),
    (
        "creators",
        {"follower_count": "null"},
        "at most 50% of the creators lack the number of followers",
    ),
    (
        "livestream_sessions",
        {"view_count": "0", "viewer_count": "0", "peak_online_count": "0"},
        "at most 50% of the sessions have no views",
    ),
    (
        "livestream_traffic",
        {"product_click_count": "501"},
        "at most 5% of the intervals count more clicks than exposures",
    ),
    ("claims", {"reason": "null"}, "at most 50% of the claims about an order lack the reason"),
]
ODD_ROW = 7


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path_factory.mktemp("rows")) as opened:
        yield opened


@pytest.fixture(scope="module")
def planted(warehouse: Warehouse) -> dict[tuple[str, str], list[AuditResult]]:
    """Audit a delivery for every fault; the results by entity and rule."""
    found = {}
    for entity in ENTITIES:
        found[warehouse.deliver(entity)] = (entity, "good")
    for entity, columns, rule in ODD_ROWS:
        found[delivery := warehouse.deliver(entity)] = (entity, rule)
        changes = ", ".join(f"{name} = {sql}" for name, sql in columns.items())
        warehouse.execute(
            f"update raw.{entity} set {changes} "
            f"where _delivery_id = {delivery} and _row_number = {ODD_ROW}"
        )
        warehouse.count_totals(delivery, entity)
    for entity, columns, rule in EMPTY_COLUMNS:
        found[warehouse.deliver(entity, **columns)] = (entity, rule)
    results = audit_deliveries(warehouse.connection, found)
    return {found[delivery]: items for delivery, items in results.items()}


@pytest.mark.parametrize("entity", ENTITIES)
def test_good_deliveries_among_bad_ones_pass(
    planted: dict[tuple[str, str], list[AuditResult]], entity: str
) -> None:
    assert [item for item in planted[entity, "good"] if not item.success] == []


@pytest.mark.parametrize(("entity", "rule"), [(entity, rule) for entity, _, rule in ODD_ROWS])
def test_one_odd_row_is_reported_with_its_number(
    planted: dict[tuple[str, str], list[AuditResult]], entity: str, rule: str
) -> None:
    (result,) = [item for item in planted[entity, rule] if item.rule == rule]
    assert (result.success, result.severity, result.unexpected_count) == (False, "warning", 1)
    assert result.sample == ({"_delivery_id": result.delivery_id, "_row_number": ODD_ROW},)
    assert result.table == f"raw.{entity}"


@pytest.mark.parametrize(("entity", "rule"), [(entity, rule) for entity, _, rule in EMPTY_COLUMNS])
def test_a_column_that_is_mostly_empty_is_reported(
    planted: dict[tuple[str, str], list[AuditResult]], entity: str, rule: str
) -> None:
    (result,) = [item for item in planted[entity, rule] if not item.success]
    assert (result.rule, result.severity) == (rule, "warning")
