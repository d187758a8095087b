"""No personal data in the published file: one row per column of it, in every schema."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from orchestration.quality.contract import hidden_columns

TABLE = "published_columns"
QUERY = """
select schema_name, table_name, column_name
from duckdb_columns()
where database_name = '{marts}' and not internal
"""
KEYS = ("schema_name", "table_name", "column_name")

SUSPICIOUS = "phone|mobile|address|receiver|contact_|email|id_card|passport|birth_(date|day)"
"""Parts of names that a column of personal data would have, whatever source it came from."""


def suite() -> ExpectationSuite:
    """Expect no column with the name of a personal one."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="column_name",
                value_set=sorted(hidden_columns()),
                severity="critical",
                description="no personal column of the raw contract is published",
            ),
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=(
                    "select schema_name, table_name, column_name from {batch} "
                    f"where regexp_matches(column_name, '{SUSPICIOUS}')"
                ),
                severity="critical",
                description="no published column has a name like personal data",
            ),
        ],
    )
