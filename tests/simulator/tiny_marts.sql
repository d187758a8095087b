-- The published tables of a warehouse that is right about the tiny platform, made from its key.
-- `{answers}` is the folder of the key; the schema `final` gives what the key does not hold.
create schema marts.core;
create schema marts.sales;
create schema marts.livestream;
create schema marts.claims;
create schema marts.meta;

create table marts.core.fct_orders as
select
    answer.*,
    orders.paid_at,
    md5(orders.customer_id) as customer_key,
from '{answers}/orders.parquet' as answer
inner join final.orders as orders on answer.order_id = orders.order_id;

create table marts.core.dim_customers as
select
    md5(customer_id) as customer_key,
    gender,
    birth_year,
    province,
    city,
    if(city = '上海', '一线', null) as city_tier,
from final.customers;

create table marts.core.fct_order_lines as from '{answers}/order_lines.parquet';
create table marts.core.fct_claims as
select
    * exclude (line_category_id, line_channel),
    line_category_id as category_id,
    line_channel as channel,
from '{answers}/claims.parquet';
create table marts.core.fct_refunds as from '{answers}/refunds.parquet';
create table marts.core.dim_products as from '{answers}/products.parquet';
create table marts.core.dim_merchants as from '{answers}/merchants.parquet';
create table marts.core.dim_creators as from '{answers}/creators.parquet';
create table marts.sales.agg_gmv_daily as from '{answers}/gmv_daily.parquet';
create table marts.sales.agg_sales_daily as from '{answers}/sales_daily.parquet';
create table marts.livestream.fct_livestream_sessions as from '{answers}/sessions.parquet';
create table marts.livestream.agg_session_sales_daily as
from '{answers}/session_sales_daily.parquet';
create table marts.livestream.agg_creator_sales_daily as
from '{answers}/creator_sales_daily.parquet';
create table marts.livestream.agg_session_tiers as from '{answers}/session_tiers.parquet';
create table marts.claims.agg_claims_served_daily as from '{answers}/claims_served.parquet';
create table marts.claims.agg_claims_daily as
select
    * exclude (applied_count, served_count, refunded_amount),
    coalesce(applied_count, 0) as applied_count,
    coalesce(served_count, 0) as served_count,
    refunded_amount as served_amount,
from '{answers}/claims_applied.parquet'
full join '{answers}/claims_served.parquet' using (business_date, right_code);
create table marts.claims.agg_claim_handling_daily as from '{answers}/claim_handling.parquet';
create table marts.claims.agg_return_rates_daily as from '{answers}/return_rates_daily.parquet';
create table marts.claims.agg_return_rates_monthly as
select *, month as month_start_date from '{answers}/return_rates.parquet';
create table marts.claims.agg_refund_reasons_daily as from '{answers}/refund_reasons.parquet';

-- One file stood there with another content before.
create table marts.meta.deliveries as
select
    row_number() over (order by stage, path) as delivery_id,
    row_number() over (order by stage, path) as change_seq,
    path,
    feed,
    dt,
    if(stage = 'earlier', 'superseded', status) as status,
    if(status = 'rejected', null, rows_read) as rows_read,
    if(status = 'rejected', null, rows_accepted) as rows_accepted,
    if(status = 'rejected', null, rows_quarantined) as rows_quarantined,
from '{answers}/deliveries.parquet';
