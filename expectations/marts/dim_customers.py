"""Audits of core.dim_customers."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "core.dim_customers"
QUERY = """
select
    customer_key,
    customer_key in (select customer_id from raw.customer_pseudonyms) as is_id
from {rows}
"""
COMPUTED = True
KEYS = ("customer_key",)

SHORTEST_KEY = 32
"""Characters of a keyed hash; identifiers of sources are shorter."""


def suite() -> ExpectationSuite:
    """Expect pseudonyms where an identifier could stand."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnValueLengthsToBeBetween(
                column="customer_key",
                min_value=SHORTEST_KEY,
                severity="critical",
                description="customer_key is a keyed hash",
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="is_id",
                value_set=[False],
                severity="critical",
                description="no customer_key is the identifier of a customer",
            ),
        ],
    )
