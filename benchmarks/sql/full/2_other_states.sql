-- The current state of every entity that no other table of the benchmark is refreshed from.

create table warehouse.intermediate.int_ad_spend_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, spent_at) as spent_date
from staging.stg_native__ad_spend
where _counts
qualify row_number() over (
    partition by ad_spend_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_channel_bill_lines_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, transacted_at) as transacted_date
from staging.stg_native__channel_bill_lines
where _counts
qualify row_number() over (
    partition by bill_line_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_complaints_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, complained_at) as complained_date,
    business_date(source, closed_at) as closed_date
from staging.stg_native__complaints
where _counts
qualify row_number() over (
    partition by complaint_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_creators_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from staging.stg_native__creators
where _counts
qualify row_number() over (
    partition by creator_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_customers_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from staging.stg_native__customers
where _counts
qualify row_number() over (
    partition by customer_key
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_disputes_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, opened_at) as opened_date,
    business_date(source, judged_at) as judged_date
from staging.stg_native__disputes
where _counts
qualify row_number() over (
    partition by dispute_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_fund_flows_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, flowed_at) as flowed_date
from staging.stg_native__fund_flows
where _counts
qualify row_number() over (
    partition by fund_flow_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_insurance_policies_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, insured_at) as insured_date,
    business_date(source, paid_out_at) as paid_out_date
from staging.stg_native__insurance_policies
where _counts
qualify row_number() over (
    partition by policy_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_livestream_traffic_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from staging.stg_native__livestream_traffic
where _counts
qualify row_number() over (
    partition by session_id, interval_started_at
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_refund_orders_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, instructed_at) as instructed_date,
    business_date(source, due_at) as due_date,
    business_date(source, succeeded_at) as succeeded_date
from staging.stg_native__refund_orders
where _counts
qualify row_number() over (
    partition by refund_order_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_reviews_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, reviewed_at) as reviewed_date
from staging.stg_native__reviews
where _counts
qualify row_number() over (
    partition by review_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_right_enrolments_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, enrolled_at) as enrolled_date,
    business_date(source, ended_at) as ended_date
from staging.stg_native__right_enrolments
where _counts
qualify row_number() over (
    partition by enrolment_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_service_conversations_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, started_at) as started_date
from staging.stg_native__service_conversations
where _counts
qualify row_number() over (
    partition by conversation_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_shipments_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, pickup_due_at) as pickup_due_date,
    business_date(source, picked_up_at) as picked_up_date,
    business_date(source, delivery_due_at) as delivery_due_date,
    business_date(source, delivered_at) as delivered_date
from staging.stg_native__shipments
where _counts
qualify row_number() over (
    partition by shipment_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_source_parameters_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number)
from staging.stg_native__source_parameters
where _counts
qualify row_number() over (
    partition by parameter_name
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_violations_current as
select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, violated_at) as violated_date
from staging.stg_native__violations
where _counts
qualify row_number() over (
    partition by violation_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_merchants_versioned as
select
    * exclude (updated_at, _counts, _changed_seq, _dt, _path, _row_number),
    updated_at as valid_from
from staging.stg_native__merchants
where _counts
qualify row_number() over (
    partition by merchant_id, updated_at
    order by _dt desc, _path desc, _row_number desc
) = 1;

create table warehouse.intermediate.int_products_versioned as
select
    * exclude (updated_at, _counts, _changed_seq, _dt, _path, _row_number),
    updated_at as valid_from
from staging.stg_native__products
where _counts
qualify row_number() over (
    partition by product_id, updated_at
    order by _dt desc, _path desc, _row_number desc
) = 1;
