"""Small marts in the columns of the model contracts, consistent from raw to the roll-ups."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from orchestration.home import PROJECT

DAYS = 100
FIRST = "date '2024-01-01'"

UPDATED = "timestamp '2024-06-01' as updated_at"

INTERMEDIATE = f"""
create schema intermediate;
create table intermediate.int_orders_current as
    select
        'o' || i as order_id, 'CNY' as currency_code, 120::decimal(18, 2) as order_amount,
        100::decimal(18, 2) as pay_amount, ({FIRST} + i::integer)::timestamp as paid_at,
        {FIRST} + i::integer as created_date, {FIRST} + i::integer as paid_date
    from range({DAYS}) days(i);
create table intermediate.int_order_lines_current as
    select
        'l' || i as line_id, 'o' || i as order_id, 95::decimal(18, 2) as pay_amount, {UPDATED}
    from range({DAYS}) days(i);
create table intermediate.int_claims_current as
    select
        'a' || i as claim_id, 'o' || i as order_id, 'l' || i as line_id, 'CNY' as currency_code,
        3 as refund_status, 10::decimal(18, 2) as refund_amount,
        {FIRST} + i::integer as refunded_date, {UPDATED}
    from range({DAYS}) days(i);
create table intermediate.int_livestream_sessions_current as
    select 's' || i as session_id from range({DAYS}) days(i);
"""
CHILDREN = {
    "int_reviews_current": "'r' || i as review_id, 'o' || i as order_id",
    "int_shipments_current": "'h' || i as shipment_id, 'o' || i as order_id",
    "int_service_conversations_current": "'v' || i as conversation_id, 'o' || i as order_id",
    "int_complaints_current": "'c' || i as complaint_id, 'o' || i as order_id",
    "int_disputes_current": "'d' || i as dispute_id, 'a' || i as claim_id",
    "int_refund_orders_current": "'f' || i as refund_order_id, 'a' || i as claim_id",
    "int_insurance_policies_current": """
        'p' || i as policy_id, 'o' || i as order_id, 'a' || i as claim_id""",
    "int_livestream_traffic_current": """
        's' || i as session_id, timestamp '2024-01-01' as interval_started_at""",
}
"""What belongs to an order, a claim or a session: columns over the row number `i`."""

ROWS = {
    "core.fct_orders": """
        'o' || i as order_id, 'CNY' as currency_code, 120 as order_amount, 100 as pay_amount,
        5 as freight_amount, day as created_date, day as paid_date""",
    "core.fct_order_lines": """
        'l' || i as line_id, 'o' || i as order_id, 'CNY' as currency_code, 'live' as channel,
        1 as item_count, 95 as goods_amount, 5 as freight_amount, 100 as pay_amount,
        true as is_paid, day as paid_date""",
    "core.fct_claims": """
        'a' || i as claim_id, 3 as refund_status, 10 as applied_amount, 10 as refund_amount,
        60 as apply_to_approve_seconds, 60 as approve_to_refund_seconds, day as refunded_date,
        'CNY' as currency_code, true as is_served, day as served_date""",
    "core.fct_refunds": "'a' || i as refund_id, 10 as refund_amount, day as refunded_date",
    "core.dim_customers": "left(sha256(i::varchar), 32) as customer_key",
    "sales.agg_gmv_daily": """
        day as business_date, case when i % 2 = 0 then 'live' else 'video' end as channel,
        'food' as category_id, 'CNY' as currency_code, 1 as paid_order_count,
        1 as paid_line_count, 1 as item_count, 100 as gmv_amount, 10 as refunded_amount,
        10 as cohort_refunded_amount""",
    "sales.agg_sales_daily": """
        day as business_date, 'CNY' as currency_code, 120 as placed_amount, 100 as gmv_amount,
        10 as refunded_amount, 10 as cohort_refunded_amount, 1 as paid_order_count,
        1 as buyer_count""",
    "claims.agg_claims_daily": """
        day as business_date, 'R2' as right_code, 'CNY' as currency_code, 1 as applied_count,
        1 as refused_count, 1 as disputed_count, 1 as served_count, 1 as eligible_served_count,
        10 as served_amount""",
    "claims.agg_return_rates_daily": """
        day as business_date, 'm' || i as merchant_id, 'live' as channel, 'CNY' as currency_code,
        1 as paid_order_count, 1 as refunded_order_count, 1 as returned_order_count,
        100 as gmv_amount, 10 as refunded_amount, 10 as returned_amount, 1 as return_rate,
        1 as quality_return_rate""",
    "claims.agg_return_rates_monthly": """
        'm' || i as merchant_id, 'live' as channel, 'CNY' as currency_code, 100 as gmv_amount,
        10 as returned_amount, date_trunc('month', day) as month_start_date""",
    "claims.agg_refund_reasons_daily": """
        day as business_date, 'CNY' as currency_code, 10 as refunded_amount""",
    "livestream.agg_creator_sales_daily": """
        day as business_date, 'CNY' as currency_code,
        case when i % 2 = 0 then 100 else 0 end as live_gmv_amount""",
    "merchants.agg_merchant_scores_daily": """
        day as business_date, 'm' || i as merchant_id, 90 as score, 0.5 as complaint_rate,
        0.5 as bad_review_rate""",
    "customers.agg_customer_profile_monthly": """
        {FIRST} + (i // 5)::integer as month_start_date, 'CNY' as currency_code,
        ['all', 'gender', 'generation', 'city_tier', 'city'][i % 5 + 1] as dimension,
        'value' as dimension_value, 100 as gmv_amount, 1 as buyer_count, 1 as new_buyer_count,
        1 as paid_order_count""".replace("{FIRST}", FIRST),
    "livestream.fct_livestream_sessions": """
        's' || i as session_id, 'CNY' as currency_code, 100 as gmv_amount, 0 as refunded_amount,
        1.5 as gpm, 2.5 as uv_value, 0.5 as viewer_to_payer_rate, 0.5 as exposure_to_click_rate,
        1 as paid_order_count, 1 as buyer_count""",
}


def make_intermediate(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the current state that the small marts are built from."""
    connection.execute(INTERMEDIATE)
    for table, columns in CHILDREN.items():
        connection.execute(
            f"create table intermediate.{table} as"
            f" select {columns}, {UPDATED} from range({DAYS}) days(i)"
        )


def make_marts(
    connection: duckdb.DuckDBPyConnection, path: Path, alias: str, *, days: int = DAYS
) -> None:
    """Attach a new marts file under an alias and fill it with the first days."""
    connection.execute(f"attach '{path}' as {alias}")
    for table, row in ROWS.items():
        schema, model = table.split(".")
        document = PROJECT / "models" / "marts" / schema / f"{model}.yml"
        (described,) = yaml.safe_load(document.read_text(encoding="utf-8"))["models"]
        columns = ", ".join(f"{item['name']} {item['data_type']}" for item in described["columns"])
        connection.execute(f"create schema if not exists {alias}.{schema}")
        connection.execute(f"create table {alias}.{table} ({columns})")
        connection.execute(
            f"insert into {alias}.{table} by name select {row} from "
            f"(select i, {FIRST} + i::integer as day from range({days}) days(i))"
        )
