"""The linter is set up to notice what the style forbids; `make lint` runs it over all SQL."""

from __future__ import annotations

import pytest

from orchestration.home import PROJECT

GOOD = """{{ restate(by='order_id', affected_by={'int_orders_current': 'order_id'}) }}
-- One row per order.
with
orders as (
    select * from {{ affected_rows(ref('int_orders_current'), 'order_id') }}
),

versions as (
    select * from {{ latest_versions('orders', 'order_id') }}
),

final as (
    select
        orders.order_id,
        {{ business_date('orders.paid_at') }} as paid_date,
        {{ minor_units('versions.pay_amount') }} as pay_amount,
    from orders
    left join versions
        on orders.order_id = versions.order_id
        and orders.city = versions.city
)

select * from final
"""


def faults(sql: str) -> set[str]:
    """Codes of the rules that a piece of SQL breaks."""
    from sqlfluff.core import FluffConfig, Linter

    config = FluffConfig.from_path(str(PROJECT / "models"))
    linted = Linter(config=config).lint_string(sql, fname=str(PROJECT / "models" / "bad.sql"))
    return {violation.rule_code() for violation in linted.get_violations()}


def test_sql_in_the_style_of_the_project_passes() -> None:
    assert faults(GOOD) == set()


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("    left join versions", "    right join versions", "CV08"),
        ("    left join versions", "    join versions", "AM05"),
        ("left join versions", "LEFT JOIN versions", "CP01"),
        ("as paid_date", "paid_date", "AL02"),
        ("as paid_date", "as paidDate", "CP02"),
        ("        orders.order_id,\n", "      orders.order_id,\n", "LT02"),
        ("orders.order_id,\n        {{ b", "orders.order_id\n        , {{ b", "LT04"),
        ("    from orders\n", "    from orders as o\n", "AL06"),
        ("as pay_amount", "as the_amount_that_the_buyer_" + "pays_" * 8, "LT05"),
        ("orders.city = versions.city", "orders.city != versions.city or 1 <> 2", "CV01"),
        ("orders.city = versions.city", "orders.city::varchar = versions.city", "CV11"),
        ("{{ business_date('orders.paid_at') }}", "paid_at", "RF02"),
        ("select * from final", "select from from final", "PRS"),
        ("{{ minor_units('versions.pay_amount') }}", "{{ unknown_macro('pay_amount') }}", "TMP"),
    ],
)
def test_sql_against_the_style_is_noticed(before: str, after: str, rule: str) -> None:
    assert before in GOOD
    assert rule in faults(GOOD.replace(before, after))


def test_every_macro_file_says_what_it_is_for_and_keeps_to_the_line_length() -> None:
    for path in sorted((PROJECT / "macros").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("{#-"), f"{path.name} begins without a description"
        assert max(map(len, text.splitlines())) <= 100, f"{path.name} has a long line"
