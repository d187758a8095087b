"""Drift of the marts against the generation that readers see now.

One row per total and currency (none for numbers of rows); factors are null while the earlier
generation is short.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "drift"

SETTLED_DAYS = 60
"""Claims come in this long; older days hardly move, except by a backfill."""
ENOUGH_DAYS = 30
"""An earlier generation with fewer days is still growing."""

_COUNTED = (
    "core.fct_orders",
    "core.fct_order_lines",
    "core.fct_claims",
    "livestream.fct_livestream_sessions",
    "merchants.agg_merchant_scores_daily",
    "customers.agg_customer_profile_monthly",
)
_DAILY = f"""
    select
        currency_code,
        business_date,
        business_date <= (select max(business_date) from {{previous}}.sales.agg_sales_daily)
            - {SETTLED_DAYS} as is_settled,
        gmv_amount,
        refunded_amount
    from {{side}}.sales.agg_sales_daily
"""
_TOTALS = """
    select currency_code, 'gmv' as total_name, sum(gmv_amount) as total from ({daily}) group by all
    union all
    select currency_code, 'refunds', sum(refunded_amount) from ({daily}) group by all
    union all
    select currency_code, 'settled gmv', sum(gmv_amount) from ({daily}) where is_settled
    group by all
    union all
    select currency_code, 'gmv per ' || channel, sum(gmv_amount)
    from {side}.sales.agg_gmv_daily group by all
    union all
    select currency_code, 'claims served', sum(served_count)
    from {side}.claims.agg_claims_daily group by all
    union all
    select currency_code, 'returned goods', sum(returned_amount)
    from {side}.claims.agg_return_rates_monthly group by all
""" + "".join(
    f" union all select '', 'rows of {table}', count(*) from {{side}}.{table}" for table in _COUNTED
)


def _side(name: str) -> str:
    marker = "{" + name + "}"
    return _TOTALS.replace("{daily}", _DAILY).replace("{side}", marker)


QUERY = f"""
select
    total_name,
    currency_code,
    (now_totals.total / nullif(then_totals.total, 0))::double as factor,
    case when total_name = 'settled gmv' then factor end as settled_factor
from ({_side("marts")}) as now_totals
inner join ({_side("previous")}) as then_totals using (total_name, currency_code)
where (
    select count(distinct business_date) >= {ENOUGH_DAYS} from {{previous}}.sales.agg_sales_daily
)
"""
COMPUTED = True
KEYS = ("total_name", "currency_code")


def suite() -> ExpectationSuite:
    """Expect a day's run to add to the totals, not to change what they were."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="factor",
                min_value=0.9,
                max_value=1.5,
                severity="warning",
                description="totals move from one generation to the next by -10% to +50%",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="settled_factor",
                min_value=0.99,
                max_value=1.01,
                severity="warning",
                description=f"days before the last {SETTLED_DAYS} keep their GMV within 1%",
            ),
        ],
    )
