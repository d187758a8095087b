-- Current orders, lines, claims and sessions from all delivered versions.
create schema if not exists warehouse.intermediate;
create schema if not exists marts.core;
create schema if not exists marts.sales;
create schema if not exists marts.livestream;

create temp view order_versions as from staging.stg_native__orders;
create temp view line_versions as from staging.stg_native__order_lines;
create temp view claim_versions as from staging.stg_native__claims;
create temp view session_versions as from staging.stg_native__livestream_sessions;

create table warehouse.intermediate.int_orders_current as {int_orders_current};
create table warehouse.intermediate.int_order_lines_current as {int_order_lines_current};
create table warehouse.intermediate.int_claims_current as {int_claims_current};
create table warehouse.intermediate.int_livestream_sessions_current as
{int_livestream_sessions_current};
