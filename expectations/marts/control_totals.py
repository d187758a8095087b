"""Control totals from the current state of raw to the ends of the marts, for every day.

One row per total, business date and currency, each side one grouped sum. What still waits for its
parent is left out on the side of raw, as it is in the marts.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

TABLE = "control_totals"
QUERY = """
select
    total_name,
    business_date,
    currency_code,
    coalesce(raw_total, 0) as raw_total,
    coalesce(mart_total, 0) as mart_total
from (
    select
        'orders' as total_name, created_date as business_date, currency_code,
        count(*)::decimal(38, 2) as raw_total
    from intermediate.int_orders_current group by all
    union all
    select 'order amount', created_date, currency_code, sum(order_amount)
    from intermediate.int_orders_current group by all
    union all
    select 'paid amount', paid_date, currency_code, sum(pay_amount)
    from intermediate.int_orders_current where paid_at is not null group by all
    union all
    select 'paid goods', orders.paid_date, orders.currency_code, sum(lines.pay_amount)
    from intermediate.int_order_lines_current as lines
    inner join intermediate.int_orders_current as orders using (order_id)
    where orders.paid_at is not null group by all
    union all
    select 'refunds', claims.refunded_date, claims.currency_code, sum(claims.refund_amount)
    from intermediate.int_claims_current as claims
    left join {marts}.core.fct_orders as orders on claims.order_id = orders.order_id
    left join {marts}.core.fct_order_lines as lines
        on claims.order_id = lines.order_id and claims.line_id = lines.line_id
    where
        claims.refund_status = 3
        and (
            claims.order_id is null
            or (
                orders.order_id is not null
                and (claims.line_id is null or lines.line_id is not null)
            )
        )
    group by all
) as raw_totals
full join (
    select
        'orders' as total_name, created_date as business_date, currency_code,
        count(*)::decimal(38, 2) as mart_total
    from {marts}.core.fct_orders group by all
    union all
    select 'order amount', business_date, currency_code, sum(placed_amount)
    from {marts}.sales.agg_sales_daily group by all
    union all
    select 'paid amount', business_date, currency_code, sum(gmv_amount)
    from {marts}.sales.agg_sales_daily group by all
    union all
    select 'paid goods', paid_date, currency_code, sum(goods_amount)
    from {marts}.core.fct_order_lines where is_paid group by all
    union all
    select 'refunds', business_date, currency_code, sum(refunded_amount)
    from (
        select business_date, currency_code, refunded_amount
        from {marts}.sales.agg_sales_daily
        union all
        select refunded_date, currency_code, refund_amount
        from {marts}.core.fct_claims where is_refunded and is_compensation
    )
    group by all
) as mart_totals using (total_name, business_date, currency_code)
"""
COMPUTED = True
KEYS = ("total_name", "business_date", "currency_code")


def suite() -> ExpectationSuite:
    """Expect nothing lost and nothing counted twice on the way from raw to the marts."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="mart_total",
                column_B="raw_total",
                severity="critical",
                description="the totals of the marts are those of the current raw rows",
            )
        ],
    )
