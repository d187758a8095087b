"""Marts that are wrong are not published, odd ones are reported, good ones pass."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import expectations
from orchestration.quality import AuditResult, audit_marts, build_data_docs
from orchestration.quality.marts import checks
from orchestration.quality.runner import audit

from .conftest import Warehouse, open_warehouse
from .small_marts import DAYS, make_intermediate, make_marts


@pytest.fixture
def marts(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    make_intermediate(warehouse.connection)
    make_marts(warehouse.connection, tmp_path / "marts-next.duckdb", "marts")
    return warehouse


@pytest.fixture
def published(marts: Warehouse, tmp_path: Path) -> Warehouse:
    make_marts(marts.connection, tmp_path / "published.duckdb", "published", days=DAYS - 1)
    return marts


def failed(
    warehouse: Warehouse, *tables: str, previous: str | None = None, thorough: bool = False
) -> list[AuditResult]:
    """Audit all tables, or these, and return what did not hold."""
    found = checks(warehouse.connection, previous=previous, thorough=thorough)
    chosen = [check for check in found if not tables or check.table in tables]
    return [item for item in audit(warehouse.connection, chosen) if not item.success]


def test_good_marts_pass(published: Warehouse) -> None:
    results = audit_marts(published.connection, "marts", "published")
    assert [str(result) for result in results if not result.success] == []
    assert {result.table for result in results} >= {"control_totals", "drift", "core.fct_orders"}
    tables = published.execute("select count(*) from duckdb_tables() where temporary").fetchone()
    assert tables == (0,)


def test_empty_marts_pass(warehouse: Warehouse, tmp_path: Path) -> None:
    make_intermediate(warehouse.connection)
    tables = "select table_name from duckdb_tables() where schema_name = 'intermediate'"
    for (table,) in warehouse.execute(tables).fetchall():
        warehouse.execute(f"delete from intermediate.{table}")
    make_marts(warehouse.connection, tmp_path / "marts-next.duckdb", "marts", days=0)
    assert failed(warehouse) == []


def test_rows_are_audited_that_changed_since_an_audit_held(marts: Warehouse) -> None:
    marts.execute("create schema marts.changes")
    marts.execute(
        "create table marts.changes.heads as select 'fct_orders' as model, 5 as seq, 1 as reset_seq"
    )
    marts.execute("create table marts.changes.audited as select 'fct_orders' as model, 5 as seq")
    marts.execute("create table marts.changes.fct_orders as select 'o3' as order_id, 5 as seq")
    marts.execute("update marts.core.fct_orders set pay_amount = -1 where order_id in ('o3', 'o4')")
    assert failed(marts, "core.fct_orders") == []

    marts.execute("update marts.changes.heads set seq = 6")
    marts.execute("insert into marts.changes.fct_orders values ('o3', 6)")
    (found,) = failed(marts, "core.fct_orders")
    assert (found.column, found.unexpected_count) == ("pay_amount", 1)

    marts.execute("update marts.changes.heads set reset_seq = 6")
    (found,) = failed(marts, "core.fct_orders")
    assert found.unexpected_count == 2, "a model built in full is audited whole"


CRITICAL = [
    ("core.fct_orders", "pay_amount", "-1"),
    ("core.fct_orders", "order_amount", "-1"),
    ("core.fct_orders", "freight_amount", "-0.01"),
    ("core.fct_order_lines", "goods_amount", "-1"),
    ("core.fct_order_lines", "freight_amount", "-1"),
    ("core.fct_order_lines", "pay_amount", "-1"),
    ("core.fct_order_lines", "item_count", "-1"),
    ("core.fct_claims", "applied_amount", "-1"),
    ("core.fct_claims", "refund_amount", "-1"),
    ("core.fct_claims", "refunded_date", "null"),
    ("core.fct_refunds", "refund_amount", "-0.01"),
    ("core.dim_customers", "customer_key", "'shop-4711'"),
    ("sales.agg_gmv_daily", "gmv_amount", "-1"),
    ("sales.agg_gmv_daily", "refunded_amount", "-1"),
    ("sales.agg_gmv_daily", "cohort_refunded_amount", "-1"),
    ("sales.agg_gmv_daily", "paid_order_count", "-1"),
    ("sales.agg_gmv_daily", "item_count", "-1"),
    ("sales.agg_sales_daily", "placed_amount", "-1"),
    ("sales.agg_sales_daily", "gmv_amount", "-1"),
    ("sales.agg_sales_daily", "refunded_amount", "-1"),
    ("sales.agg_sales_daily", "cohort_refunded_amount", "-1"),
    ("claims.agg_claims_daily", "served_amount", "-1"),
    ("customers.agg_customer_profile_monthly", "gmv_amount", "-1"),
    ("merchants.agg_merchant_scores_daily", "score", "100.01"),
    ("livestream.fct_livestream_sessions", "gmv_amount", "-1"),
    ("livestream.fct_livestream_sessions", "refunded_amount", "-1"),
    ("livestream.fct_livestream_sessions", "gpm", "-1"),
    ("livestream.fct_livestream_sessions", "uv_value", "-1"),
]
WARNINGS = [
    ("core.fct_orders", "paid_date", "current_date + 3"),
    ("core.fct_refunds", "refunded_date", "current_date + 3"),
    ("core.fct_claims", "apply_to_approve_seconds", "-1"),
    ("sales.agg_gmv_daily", "cohort_refunded_amount", "101"),
    ("sales.agg_gmv_daily", "paid_order_count", "2"),
    ("sales.agg_sales_daily", "cohort_refunded_amount", "101"),
    ("sales.agg_sales_daily", "buyer_count", "2"),
    ("claims.agg_claims_daily", "refused_count", "2"),
    ("claims.agg_claims_daily", "disputed_count", "2"),
    ("claims.agg_claims_daily", "eligible_served_count", "2"),
    ("claims.agg_return_rates_daily", "return_rate", "1.01"),
    ("claims.agg_return_rates_daily", "quality_return_rate", "-0.01"),
    ("claims.agg_return_rates_daily", "returned_order_count", "2"),
    ("claims.agg_return_rates_daily", "refunded_order_count", "2"),
    ("claims.agg_return_rates_daily", "refunded_amount", "101"),
    ("claims.agg_return_rates_daily", "returned_amount", "11"),
    ("customers.agg_customer_profile_monthly", "new_buyer_count", "2"),
    ("customers.agg_customer_profile_monthly", "buyer_count", "2"),
    ("merchants.agg_merchant_scores_daily", "complaint_rate", "1.01"),
    ("merchants.agg_merchant_scores_daily", "bad_review_rate", "-0.01"),
    ("livestream.fct_livestream_sessions", "viewer_to_payer_rate", "1.01"),
    ("livestream.fct_livestream_sessions", "exposure_to_click_rate", "-0.01"),
    ("livestream.fct_livestream_sessions", "buyer_count", "2"),
]


CASES = [(*case, "critical") for case in CRITICAL] + [(*case, "warning") for case in WARNINGS]


@dataclass(frozen=True)
class Planted:
    """The audit of marts with every fault at once, each in a row of its own."""

    results: list[AuditResult]
    keys: list[object]
    """Of the row of each case, the first column of its key."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("marts")
    keys = []
    with open_warehouse(folder) as warehouse:
        make_intermediate(warehouse.connection)
        make_marts(warehouse.connection, folder / "marts-next.duckdb", "marts")
        for row, (table, column, value, _) in enumerate(CASES):
            key = expectations.mart_modules()[table].KEYS[0]
            (found,) = warehouse.execute(
                f"update marts.{table} set {column} = {value} where rowid = {row} returning {key}"
            ).fetchall()
            keys += found
        return Planted(audit_marts(warehouse.connection), keys)


@pytest.mark.parametrize("row", range(len(CASES)), ids=lambda row: "-".join(CASES[row][:3]))
def test_one_wrong_value_is_found(planted: Planted, row: int) -> None:
    table, _, _, severity = CASES[row]
    found = [
        result
        for result in planted.results
        if result.table == table
        and planted.keys[row] in [next(iter(key.values())) for key in result.sample]
    ]
    assert severity in [result.severity for result in found]


def test_a_day_that_sells_twenty_times_the_usual_is_reported(marts: Warehouse) -> None:
    newest = "(select max(business_date) from marts.sales.agg_sales_daily)"
    marts.execute(
        f"update marts.sales.agg_sales_daily set gmv_amount = 2001 where business_date = {newest}"
    )
    (found,) = failed(marts, "sales.agg_sales_daily")
    assert found.severity == "warning"
    assert found.sample[0]["business_date"] == dt.date(2024, 1, 1) + dt.timedelta(days=DAYS - 1)


def test_a_great_day_of_the_past_is_not_reported_for_ever(marts: Warehouse) -> None:
    marts.execute(
        "update marts.sales.agg_sales_daily set gmv_amount = 2001 "
        "where business_date = date '2024-02-01'"
    )
    assert failed(marts, "sales.agg_sales_daily") == []


@pytest.mark.parametrize(
    ("change", "totals"),
    [
        ("delete from marts.core.fct_orders where order_id = 'o7'", {"orders", "refunds"}),
        ("update marts.sales.agg_sales_daily set gmv_amount = 100.01 {day}", {"paid amount"}),
        ("update marts.sales.agg_sales_daily set placed_amount = 0 {day}", {"order amount"}),
        ("update marts.sales.agg_sales_daily set refunded_amount = 9.99 {day}", {"refunds"}),
        ("update marts.core.fct_order_lines set goods_amount = 94 where rowid = 7", {"paid goods"}),
        (
            "update marts.core.fct_orders set created_date = created_date + 1 where rowid = 7",
            {"orders"},
        ),
        ("delete from intermediate.int_claims_current where claim_id = 'a7'", {"refunds"}),
        (
            "update marts.sales.agg_sales_daily set currency_code = 'USD' {day}",
            {"order amount", "paid amount", "refunds"},
        ),
    ],
)
def test_a_total_that_raw_does_not_have_stops_the_publish(
    marts: Warehouse, change: str, totals: set[str]
) -> None:
    marts.execute(change.format(day="where business_date = date '2024-01-08'"))
    (found,) = failed(marts, "control_totals")
    assert found.blocks
    assert {key["total_name"] for key in found.sample} == totals


@pytest.mark.parametrize(
    ("table", "column", "total"),
    [
        ("claims.agg_return_rates_daily", "gmv_amount", "gmv by merchant and channel"),
        ("claims.agg_return_rates_monthly", "gmv_amount", "gmv of months"),
        ("livestream.agg_creator_sales_daily", "live_gmv_amount", "live gmv of creators"),
        ("claims.agg_refund_reasons_daily", "refunded_amount", "refunds by reason"),
        ("claims.agg_claims_daily", "served_count", "claims served"),
        ("customers.agg_customer_profile_monthly", "gmv_amount", "gmv by generation"),
    ],
)
def test_a_mart_that_adds_up_to_something_else_stops_the_publish(
    marts: Warehouse, table: str, column: str, total: str
) -> None:
    marts.execute(f"update marts.{table} set {column} = {column} + 1 where rowid = 2")
    (found,) = failed(marts, "mart_totals")
    assert found.blocks
    assert {key["total_name"] for key in found.sample} == {total}


def test_a_table_that_loses_rows_is_reported(published: Warehouse) -> None:
    published.execute("delete from marts.merchants.agg_merchant_scores_daily where rowid < 20")
    (found,) = failed(published, "drift", previous="published")
    assert found.severity == "warning"
    assert [key["total_name"] for key in found.sample] == [
        "rows of merchants.agg_merchant_scores_daily"
    ]


@pytest.mark.parametrize("missing", ["order_id = 'x'", "line_id = 'x'", "order_id = 'o6'"])
def test_a_claim_that_waits_for_its_sale_is_no_difference(marts: Warehouse, missing: str) -> None:
    marts.execute(f"update intermediate.int_claims_current set {missing} where claim_id = 'a7'")
    marts.execute(
        "update marts.sales.agg_sales_daily set refunded_amount = 0 "
        "where business_date = date '2024-01-08'"
    )
    assert {result.table for result in failed(marts)} == {"waiting"}


def test_drift_is_reported_and_does_not_stop_the_publish(published: Warehouse) -> None:
    published.execute(
        "update published.sales.agg_sales_daily set gmv_amount = 90 "
        "where business_date < date '2024-02-01'"
    )
    published.execute("update published.sales.agg_gmv_daily set channel = 'live'")
    published.execute("update published.claims.agg_claims_daily set served_count = 3")
    found = failed(published, "drift", previous="published")
    assert {result.severity for result in found} == {"warning"}
    assert {key["total_name"] for result in found for key in result.sample} == {
        "gmv per live",
        "settled gmv",
        "claims served",
    }


def test_a_young_generation_makes_no_drift(marts: Warehouse, tmp_path: Path) -> None:
    make_marts(marts.connection, tmp_path / "published.duckdb", "published", days=29)
    assert failed(marts, "drift", previous="published") == []


def test_an_earlier_generation_without_a_new_table_makes_no_drift(published: Warehouse) -> None:
    published.execute("drop table published.sales.agg_gmv_daily")
    assert failed(published, "drift", previous="published") == []


def test_a_missing_table_of_the_marts_stops_the_publish(marts: Warehouse) -> None:
    marts.execute("drop table marts.livestream.fct_livestream_sessions")
    found = failed(marts)
    assert found
    assert all(result.blocks for result in found)


def test_columns_with_personal_names_stop_the_publish(marts: Warehouse) -> None:
    named = ("customer_id", "receiver_name", "phone", "mobile_number", "ship_to_address", "email")
    columns = ", ".join(f"1 as {name}" for name in named)
    marts.execute("create schema marts.meta")
    marts.execute(f"create table marts.meta.leak as select {columns}")
    found = failed(marts, "published_columns")
    assert all(result.blocks for result in found)
    assert {key["table_name"] for result in found for key in result.sample} == {"leak"}
    assert {key["column_name"] for result in found for key in result.sample} == set(named)


def test_an_identifier_in_the_place_of_a_pseudonym_stops_the_publish(marts: Warehouse) -> None:
    long_id = "platform-customer-0000000000000000000042"
    marts.execute(f"insert into raw.customer_pseudonyms values ('{long_id}', md5('x'), 'k')")
    marts.execute(f"update marts.core.dim_customers set customer_key = '{long_id}' where rowid = 0")
    assert [(result.column, result.blocks) for result in failed(marts, "core.dim_customers")] == [
        ("is_id", True)
    ]


def test_thorough_audits_find_a_version_that_the_current_state_missed(marts: Warehouse) -> None:
    for table in ("int_orders_current", "int_order_lines_current", "int_claims_current"):
        marts.execute(f"delete from intermediate.{table}")
    marts.deliver(count=2, status="accepted", order_id="'n' || i", pay_amount="10000")
    marts.deliver(count=1, status="held", order_id="'n' || i", pay_amount="1")
    newer = {"order_id": "'n' || i", "pay_amount": "12345", "updated_at": "'2024-07-01'"}
    marts.deliver(count=1, status="accepted", **newer)
    marts.execute(
        """insert into intermediate.int_orders_current by name
        select unnest(['n1', 'n2']) as order_id, 'CNY' as currency_code,
        unnest([123.45, 100]) as pay_amount"""
    )
    assert failed(marts, "raw_totals", thorough=True) == []
    marts.execute("update intermediate.int_orders_current set pay_amount = 100")
    assert [result.column for result in failed(marts, "raw_totals", thorough=True)] == ["amount"]
    marts.execute("delete from intermediate.int_orders_current where order_id = 'n2'")
    assert [result.column for result in failed(marts, "raw_totals", thorough=True)] == [
        "row_count",
        "amount",
    ]


def test_a_daily_run_does_not_read_all_of_raw(marts: Warehouse) -> None:
    assert "raw_totals" not in {check.table for check in checks(marts.connection)}


def test_data_docs_take_the_results_of_the_marts_too(marts: Warehouse, tmp_path: Path) -> None:
    marts.execute("create table marts.core.leak as select 'secret' as email")
    marts.execute("update marts.core.fct_orders set pay_amount = -1 where order_id = 'o7'")
    validations: list[Any] = []
    audit_marts(marts.connection, validations=validations)
    build_data_docs(validations, tmp_path / "docs")
    (page,) = (tmp_path / "docs").rglob("*fct_orders.html")
    assert "order_id o7" in page.read_text(encoding="utf-8")
    assert not any("secret" in page.read_text() for page in (tmp_path / "docs").rglob("*.html"))
