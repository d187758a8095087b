"""What the demo asks of the published file and of the warehouse."""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.home import Home

Rows = list[dict[str, Any]]

QUERIES = {
    "statuses": """
        select status, count(*) as files
        from marts.meta.deliveries group by all order by files desc, status""",
    "not_accepted": """
        select status, path, status_reason as reason
        from marts.meta.deliveries where status <> 'accepted' order by status, path""",
    "quarantine": """
        select path, row_number, column_name, reason
        from warehouse.raw.quarantine order by path, row_number""",
    "gmv": """
        select
            if(business_date < '2021-08-01', 'July', business_date::varchar) as day,
            sum(paid_order_count)::bigint as orders, sum(gmv_amount) as gmv,
            sum(refunded_amount) as refunded, sum(net_cash_amount) as net
        from marts.sales.agg_sales_daily group by all order by min(business_date)""",
    "categories": """
        select category_id as category, strftime(business_date, '%m-%d') as day,
            sum(gmv_amount) as gmv
        from marts.sales.agg_gmv_daily where business_date >= '2021-08-01'
        group by all order by all""",
    "sessions": """
        select session_title as session, china(started_at) as started, view_count as views,
            gmv_amount as gmv, refunded_amount as refunded, gpm
        from marts.livestream.fct_livestream_sessions order by started_at""",
    "rights": """
        select coalesce(right_code, 'none') as code,
            coalesce(max(name_en), 'plain after-sale') as name, count(*) as claims,
            count(*) filter (where is_served) as served,
            count(*) filter (where is_refunded) as refunds, sum(refund_amount) as refunded
        from marts.core.fct_claims left join marts.core.dim_rights using (right_code)
        group by right_code order by right_code""",
    "windows": """
        select claim_id as claim, right_code as code, refund_amount as refunded,
            china(applied_at) as applied, is_inside_window as inside,
            apply_to_approve_seconds as approve, apply_to_refund_seconds as refund
        from marts.core.fct_claims where right_code in ('R6', 'R7') order by applied_at""",
    "cases": """
        select claims.claim_id as claim, claims.right_code as code, dim_rights.name_en as name,
            products.product_name as goods, lines.pay_amount as paid,
            claims.refund_amount as refunded,
            china(lines.received_at) as received, china(claims.applied_at) as applied,
            china(claims.window_ends_at) as window_ends, claims.is_eligible as eligible,
            date_sub('second', lines.received_at, claims.applied_at) as after_receipt,
            claims.apply_to_approve_seconds as approve, claims.apply_to_refund_seconds as refund,
            claims.return_to_refund_seconds as return_to_refund
        from marts.core.fct_claims as claims
        inner join marts.core.fct_order_lines as lines using (line_id)
        inner join marts.core.dim_products as products
            on claims.product_id = products.product_id and products.is_current
        inner join marts.core.dim_rights
            on claims.right_code = dim_rights.right_code and dim_rights.valid_to is null
        where (claims.right_code, claims.refund_amount) in (('R6', 368.00), ('R7', 1490.00))
        order by 2""",
    "audits": """
        select stage, count(*) filter (where success) as held,
            count(*) filter (where not success and severity = 'warning') as warnings,
            count(*) filter (where not success and severity = 'critical') as critical
        from marts.meta.audits group by all order by all""",
    "waiting": """
        select
            (select count(*) from warehouse.intermediate.int_claims_current
                anti join marts.core.fct_claims using (claim_id)) as claims,
            (select count(*) from warehouse.intermediate.int_order_lines_current
                anti join marts.core.fct_order_lines using (line_id)) as order_lines""",
}
"""Questions by name; `china()` turns UTC into Shanghai time."""

_CHINA = "create temp macro china(moment) as timezone('Asia/Shanghai', timezone('UTC', moment))"


def collect(home: Home) -> dict[str, Rows]:
    """Ask the published file and the warehouse, both read-only."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path, alias in ((home.published, "marts"), (home.warehouse, "warehouse")):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {alias} (read_only)")
        connection.execute(_CHINA)
        return {name: _rows(connection, query) for name, query in QUERIES.items()}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
