"""Audits of core.fct_order_lines."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import not_negative

TABLE = "core.fct_order_lines"
QUERY = "select * from {rows}"
KEYS = ("line_id",)


def suite() -> ExpectationSuite:
    """Expect amounts and units that are not negative, after the freight is allocated too."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("goods_amount"),
            not_negative("freight_amount"),
            not_negative("pay_amount"),
            not_negative("item_count"),
        ],
    )
