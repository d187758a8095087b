-- The current state of every entity that no other table of the benchmark is refreshed from.

create table warehouse.intermediate.int_ad_spend_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, spent_at) as spent_date
from staging.stg_native__ad_spend
inner join (
    select ad_spend_id, max(_version_rank) as _version_rank
    from staging.stg_native__ad_spend
    where _counts
    group by all
) as newest using (ad_spend_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_channel_bill_lines_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, transacted_at) as transacted_date
from staging.stg_native__channel_bill_lines
inner join (
    select bill_line_id, max(_version_rank) as _version_rank
    from staging.stg_native__channel_bill_lines
    where _counts
    group by all
) as newest using (bill_line_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_complaints_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, complained_at) as complained_date,
    business_date(source, closed_at) as closed_date
from staging.stg_native__complaints
inner join (
    select complaint_id, max(_version_rank) as _version_rank
    from staging.stg_native__complaints
    where _counts
    group by all
) as newest using (complaint_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_creators_current as
select
    columns(lambda name: not starts_with(name, '_'))
from staging.stg_native__creators
inner join (
    select creator_id, max(_version_rank) as _version_rank
    from staging.stg_native__creators
    where _counts
    group by all
) as newest using (creator_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_customers_current as
select
    columns(lambda name: not starts_with(name, '_'))
from staging.stg_native__customers
inner join (
    select customer_key, max(_version_rank) as _version_rank
    from staging.stg_native__customers
    where _counts
    group by all
) as newest using (customer_key, _version_rank)
where _counts;

create table warehouse.intermediate.int_disputes_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, opened_at) as opened_date,
    business_date(source, judged_at) as judged_date
from staging.stg_native__disputes
inner join (
    select dispute_id, max(_version_rank) as _version_rank
    from staging.stg_native__disputes
    where _counts
    group by all
) as newest using (dispute_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_fund_flows_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, flowed_at) as flowed_date
from staging.stg_native__fund_flows
inner join (
    select fund_flow_id, max(_version_rank) as _version_rank
    from staging.stg_native__fund_flows
    where _counts
    group by all
) as newest using (fund_flow_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_insurance_policies_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, insured_at) as insured_date,
    business_date(source, paid_out_at) as paid_out_date
from staging.stg_native__insurance_policies
inner join (
    select policy_id, max(_version_rank) as _version_rank
    from staging.stg_native__insurance_policies
    where _counts
    group by all
) as newest using (policy_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_livestream_traffic_current as
select
    columns(lambda name: not starts_with(name, '_'))
from staging.stg_native__livestream_traffic
inner join (
    select session_id, interval_started_at, max(_version_rank) as _version_rank
    from staging.stg_native__livestream_traffic
    where _counts
    group by all
) as newest using (session_id, interval_started_at, _version_rank)
where _counts;

create table warehouse.intermediate.int_refund_orders_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, instructed_at) as instructed_date,
    business_date(source, due_at) as due_date,
    business_date(source, succeeded_at) as succeeded_date
from staging.stg_native__refund_orders
inner join (
    select refund_order_id, max(_version_rank) as _version_rank
    from staging.stg_native__refund_orders
    where _counts
    group by all
) as newest using (refund_order_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_reviews_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, reviewed_at) as reviewed_date
from staging.stg_native__reviews
inner join (
    select review_id, max(_version_rank) as _version_rank
    from staging.stg_native__reviews
    where _counts
    group by all
) as newest using (review_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_right_enrolments_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, enrolled_at) as enrolled_date,
    business_date(source, ended_at) as ended_date
from staging.stg_native__right_enrolments
inner join (
    select enrolment_id, max(_version_rank) as _version_rank
    from staging.stg_native__right_enrolments
    where _counts
    group by all
) as newest using (enrolment_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_service_conversations_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, started_at) as started_date
from staging.stg_native__service_conversations
inner join (
    select conversation_id, max(_version_rank) as _version_rank
    from staging.stg_native__service_conversations
    where _counts
    group by all
) as newest using (conversation_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_shipments_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, pickup_due_at) as pickup_due_date,
    business_date(source, picked_up_at) as picked_up_date,
    business_date(source, delivery_due_at) as delivery_due_date,
    business_date(source, delivered_at) as delivered_date
from staging.stg_native__shipments
inner join (
    select shipment_id, max(_version_rank) as _version_rank
    from staging.stg_native__shipments
    where _counts
    group by all
) as newest using (shipment_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_source_parameters_current as
select
    columns(lambda name: not starts_with(name, '_'))
from staging.stg_native__source_parameters
inner join (
    select parameter_name, max(_version_rank) as _version_rank
    from staging.stg_native__source_parameters
    where _counts
    group by all
) as newest using (parameter_name, _version_rank)
where _counts;

create table warehouse.intermediate.int_violations_current as
select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, violated_at) as violated_date
from staging.stg_native__violations
inner join (
    select violation_id, max(_version_rank) as _version_rank
    from staging.stg_native__violations
    where _counts
    group by all
) as newest using (violation_id, _version_rank)
where _counts;

create table warehouse.intermediate.int_merchants_versioned as
select
    columns(lambda name: not starts_with(name, '_') and name <> 'updated_at'),
    updated_at as valid_from
from staging.stg_native__merchants
inner join (
    select merchant_id, updated_at, max(_version_rank) as _version_rank
    from staging.stg_native__merchants
    where _counts
    group by all
) as newest using (merchant_id, updated_at, _version_rank)
where _counts;

create table warehouse.intermediate.int_products_versioned as
select
    columns(lambda name: not starts_with(name, '_') and name <> 'updated_at'),
    updated_at as valid_from
from staging.stg_native__products
inner join (
    select product_id, updated_at, max(_version_rank) as _version_rank
    from staging.stg_native__products
    where _counts
    group by all
) as newest using (product_id, updated_at, _version_rank)
where _counts;
