"""Odd rows and empty columns are reported, each with what a person needs to find them."""

from __future__ import annotations

import pytest

from orchestration.quality import audit_deliveries
from tests.quality.conftest import Warehouse


@pytest.mark.parametrize(
    ("entity", "columns", "rule"),
    [
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
    ],
)
def test_one_odd_row_is_reported_with_its_number(
    warehouse: Warehouse, entity: str, columns: dict[str, str], rule: str
) -> None:
    warehouse.deliver(entity, status="accepted")
    delivery = warehouse.deliver(entity)
    changes = ", ".join(f"{name} = {sql}" for name, sql in columns.items())
    warehouse.execute(
        f"update raw.{entity} set {changes} where _delivery_id = {delivery} and _row_number = 7"
    )
    results = audit_deliveries(warehouse.connection, [delivery])[delivery]
    (result,) = [item for item in results if item.rule == rule]
    assert (result.success, result.severity, result.unexpected_count) == (False, "warning", 1)
    assert result.sample == ({"_delivery_id": delivery, "_row_number": 7},)
    assert result.table == f"raw.{entity}"


@pytest.mark.parametrize(
    ("entity", "columns", "rule"),
    [
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
        ("claims", {"reason": "null"}, "at most 50% of the claims about an order lack the reason"),
    ],
)
def test_a_column_that_is_mostly_empty_is_reported(
    warehouse: Warehouse, entity: str, columns: dict[str, str], rule: str
) -> None:
    delivery = warehouse.deliver(entity, **columns)
    results = audit_deliveries(warehouse.connection, [delivery])[delivery]
    (result,) = [item for item in results if not item.success]
    assert (result.rule, result.severity) == (rule, "warning")
