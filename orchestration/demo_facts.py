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
        from marts.meta.deliveries where status in ('held', 'rejected') order by status, path""",
    "quarantine": """
        select split_part(path, '/', 2) as feed, count(*) as rows,
            any_value(column_name order by path, row_number) as column,
            any_value(reason order by path, row_number) as reason
        from warehouse.raw.quarantine group by all order by feed""",
    "months": """
        with months as (
            select date_trunc('month', business_date)::date as month,
                sum(paid_order_count)::bigint as orders, sum(gmv_amount) as gmv,
                sum(refunded_amount) as refunded, sum(net_cash_amount) as net
            from marts.sales.agg_sales_daily group by all
        )
        select strftime(months.month, '%Y-%m') as month, months.orders, months.gmv,
            months.refunded, months.net, round(months.gmv / year_ago.gmv, 1)::double as times
        from months
        left join months as year_ago on months.month = year_ago.month + interval 1 year
        order by months.month""",
    "days": """
        select business_date as day, paid_order_count as orders, gmv_amount as gmv,
            refunded_amount as refunded, net_cash_amount as net
        from marts.sales.agg_sales_daily
        where business_date > (select max(business_date) from marts.sales.agg_sales_daily) - 7
        order by day""",
    "channels": """
        with returned as (
            select channel, count(distinct order_id) as orders
            from marts.core.fct_claims where is_refunded and claim_type = 0 group by all
        )
        select paid.channel, count(distinct paid.order_id) as orders,
            sum(paid.pay_amount) as gmv,
            (any_value(returned.orders) / count(distinct paid.order_id))::double as returned
        from marts.core.fct_order_lines as paid
        left join returned on paid.channel = returned.channel
        where paid.is_paid group by paid.channel order by gmv desc""",
    "categories": """
        select category_id as category, sum(item_count)::bigint as units,
            sum(gmv_amount) as gmv, sum(refunded_amount) as refunded
        from marts.sales.agg_gmv_daily group by all order by gmv desc""",
    "sessions": """
        select session_title as session, china(started_at)::date as day, viewer_count as viewers,
            gmv_amount as gmv, refunded_amount as refunded, gpm, uv_value
        from marts.livestream.fct_livestream_sessions order by gmv_amount desc, session_id
        limit 5""",
    "rights": """
        select coalesce(claims.right_code, 'none') as code,
            coalesce(max(name_en), 'plain after-sale') as name, count(*) as claims,
            count(*) filter (where is_served) as served,
            count(*) filter (where is_eligible = false) as outside,
            sum(refund_amount) as refunded
        from marts.core.fct_claims as claims
        left join marts.core.dim_rights as rights
            on claims.right_code = rights.right_code and rights.valid_to is null
        group by claims.right_code order by claims.right_code""",
    "cases": """
        select claims.right_code as code, dim_rights.name_en as name,
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
        order by 1""",
    "growth": """
        select window_id as window, regexp_replace(subject, '.*:', '') as subject,
            case alignment
                when 'solar' then 'a year ago' when 'preceding' then 'days before'
                else 'campaign' end as against,
            gmv_amount as gmv, gmv_ratio as times,
            item_ratio as units, coalesce(gmv_missing_reason, '') as reason
        from marts.growth.agg_category_growth
        where (window_id, subject, alignment) in (
            ('M2021-01', 'all', 'solar'), ('C618_2021', 'all', 'solar'),
            ('C618_2021', 'subcategory:vegetables+fruit', 'solar'),
            ('OLY_2021', 'category:sports', 'solar'), ('QIXI_2021', 'tag:qixi', 'preceding'),
            ('QIXI_2021', 'tag:rose', 'campaign')
        )
        order by start_date, subject""",
    "zones": """
        with shops as (
            select channel, merchant_id, sum(paid_order_count)::bigint as orders,
                sum(returned_order_count) / sum(paid_order_count) as rate
            from marts.claims.agg_return_rates_monthly where is_mature
            group by all having orders >= 30
        )
        select channel, count(*) as shops,
            count(*) filter (where return_zone = 'green') as green,
            count(*) filter (where return_zone = 'amber') as amber,
            count(*) filter (where return_zone = 'red') as red, median(rate) as median_rate
        from shops
        inner join marts.claims.dim_return_zones
            on rate > coalesce(above_rate, -1) and rate <= coalesce(upto_rate, 1)
        group by all order by channel""",
    "scores": """
        with scores as (
            select 'shops' as who, business_date, score
            from marts.merchants.agg_merchant_scores_daily
            union all
            select 'creators', business_date, score
            from marts.merchants.agg_creator_scores_daily
        )
        select who, business_date as day, count(score) as scored, min(score) as lowest,
            median(score)::double as median, max(score) as highest,
            count(*) - count(score) as too_few_orders
        from scores
        where business_date = (select max(business_date) from scores)
        group by all order by who desc""",
    "statements": """
        select statement_id as id, regexp_replace(figure, '_count$', '') as figure,
            expected_low as at_least,
            expected_high as at_most, computed_value as found, verdict
        from marts.growth.published_claim_check
        where verdict in ('holds', 'out_of_range') order by statement_id""",
    "unjudged": """
        select verdict, verdict_reason as reason,
            string_agg(statement_id, ' ' order by statement_id) as ids
        from marts.growth.published_claim_check
        where verdict_reason is not null group by all order by verdict, ids""",
    "audits": """
        select stage, count(*) filter (where success) as passed,
            count(*) filter (where not success and severity = 'warning') as warnings,
            count(*) filter (where not success and severity = 'critical') as critical
        from marts.meta.audits group by all order by all""",
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
