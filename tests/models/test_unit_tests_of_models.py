"""dbt's unit tests pass, and they fail when a model's rule is broken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration import transform
from orchestration.home import Home
from tests.other_project import copied_project

# File, what stands in it, what a careless edit would make of it, and the test that must notice.
CARELESS_EDITS = [
    (
        "macros/domain/latest_versions.sql",
        "using ({{ key }}, _version_rank)",
        "using ({{ key }})",
        "int_orders_current__the_newest_version_wins",
    ),
    (
        "macros/domain/lineage_columns.sql",
        "order by dt, path",
        "order by path, dt",
        "stg_native__orders__ranks_versions_by_time_then_dt_then_path_then_row",
    ),
    (
        "macros/domain/latest_versions.sql",
        "where _counts",
        "where true",
        "int_orders_current__rows_that_do_not_count_are_as_if_never_delivered",
    ),
    (
        "macros/domain/business_date.sql",
        "timezone('UTC', {{ column }})",
        "{{ column }}",
        "int_claims_current__the_business_date_turns_at_midnight_of_the_source",
    ),
    (
        "macros/domain/minor_units.sql",
        "as decimal(18, 0)) * 0.01",
        "as float) / 100",
        "stg_native__orders__converts_minor_units_exactly",
    ),
    (
        "macros/domain/lineage_columns.sql",
        "greatest(deliveries.change_seq, {{ table }}._erased_seq)",
        "deliveries.change_seq",
        "stg_native__orders__an_emptied_row_has_changed_since_its_delivery",
    ),
    (
        "models/staging/native/stg_native__customers.sql",
        "false as _counts",
        "true as _counts",
        "stg_native__customers__an_erased_customer_is_a_before_image",
    ),
    (
        "macros/domain/lineage_columns.sql",
        "= 'accepted'",
        "<> 'rejected'",
        "stg_native__orders__counts_rows_of_accepted_deliveries_only",
    ),
    (
        "macros/domain/validity.sql",
        "timestamp '1970-01-01'",
        "valid_from",
        "fct_order_lines__a_line_keeps_the_category_of_its_pay_time",
    ),
    (
        "macros/domain/allocation.sql",
        "when {{ is_last }}",
        "when false",
        "fct_order_lines__freight_is_allocated_to_the_fen",
    ),
    (
        "macros/domain/allocation.sql",
        "// nullif(",
        "/ nullif(",
        "fct_refunds__a_refund_of_a_whole_order_is_allocated_to_the_fen",
    ),
    (
        "models/marts/core/fct_orders.sql",
        "paid_at is not null as is_paid",
        "order_status <> 4 as is_paid",
        "fct_orders__counts_as_paid_by_the_pay_time_whatever_the_status",
    ),
    (
        "models/marts/core/fct_claims.sql",
        "applied_at <= window_ends_at as is_inside_window",
        "applied_at < window_ends_at as is_inside_window",
        "fct_claims__a_window_ends_to_the_second",
    ),
    (
        "models/marts/core/fct_claims.sql",
        "orders.paid_date >= right_rules.valid_from",
        "claims.applied_date >= right_rules.valid_from",
        "fct_claims__the_rule_in_force_on_the_pay_date_judges",
    ),
    (
        "models/intermediate/int_refund_orders_linked.sql",
        "case when claims.currency_code = refund_orders.currency_code then claims.claim_id end",
        "claims.claim_id",
        "int_refund_orders_linked__the_claims_order_comes_first",
    ),
    (
        "macros/domain/payouts.sql",
        "on billed.chain_id = entitlements.claim_id",
        "on billed.claim_id = entitlements.claim_id",
        "int_refund_orders_reconciled__what_is_late_is_what_is_still_due",
    ),
    (
        "models/marts/livestream/fct_livestream_sessions.sql",
        "tiers.minimum_gmv_amount <= totals.gmv_amount",
        "tiers.minimum_gmv_amount < totals.gmv_amount",
        "fct_livestream_sessions__a_tier_begins_exactly_at_its_limit",
    ),
    (
        "models/marts/sales/agg_paid_lines_daily.sql",
        "count(distinct order_id)",
        "count(order_id)",
        "agg_paid_lines_daily__an_order_counts_once_in_every_cell_that_it_touches",
    ),
    (
        "models/marts/sales/agg_orders_daily.sql",
        "where is_paid\n    group by all\n),\n\npaid_lines",
        "where order_status <> 4\n    group by all\n),\n\npaid_lines",
        "agg_orders_daily__placed_counts_by_creation_and_paid_by_payment",
    ),
]


def unit_test(home: Home, *selected: str) -> transform.TransformResult:
    return transform.invoke(home, ["test", "--select", *(selected or ["test_type:unit"])])


def test_every_unit_test_passes(built_home: Home, tmp_path: Path) -> None:
    home = Home(Path(shutil.copytree(built_home.root, tmp_path / "home")))
    result = unit_test(home)
    declared = transform.manifest(home)["unit_tests"]
    assert [f"{node.name}: {node.message}" for node in result.failed] == []
    assert {node.unique_id for node in result.nodes if node.status == "pass"} == set(declared)


def test_a_careless_edit_fails_the_unit_test_of_its_rule(
    built_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied_project(tmp_path / "project")
    for file, before, after, _ in CARELESS_EDITS:
        code = (project / file).read_text(encoding="utf-8")
        assert before in code, f"{file} no longer says {before!r}"
        (project / file).write_text(code.replace(before, after), encoding="utf-8")
    monkeypatch.setattr(transform, "PROJECT", project)
    home = Home(Path(shutil.copytree(built_home.root, tmp_path / "home")))

    noticing = {test for *_, test in CARELESS_EDITS}

    result = unit_test(home, *sorted(noticing))

    assert {node.name for node in result.nodes if node.status == "fail"} == noticing
