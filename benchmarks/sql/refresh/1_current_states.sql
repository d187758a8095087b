-- Current states of the keys in the deliveries that came after the mark.
create temp table changed_deliveries as
select delivery_id from raw.deliveries where change_seq > getvariable('mark');
create temp table changed_orders as
select distinct order_id from raw.orders where _delivery_id in (from changed_deliveries);
create temp table changed_lines as
select distinct line_id from raw.order_lines where _delivery_id in (from changed_deliveries);
create temp table changed_claims as
select distinct claim_id from raw.claims where _delivery_id in (from changed_deliveries);
create temp table changed_sessions as
select distinct session_id
from raw.livestream_sessions where _delivery_id in (from changed_deliveries);

create temp table order_versions as
select * from staging.stg_native__orders where order_id in (from changed_orders);
create temp table line_versions as
select * from staging.stg_native__order_lines where line_id in (from changed_lines);
create temp table claim_versions as
select * from staging.stg_native__claims where claim_id in (from changed_claims);
create temp table session_versions as
select * from staging.stg_native__livestream_sessions where session_id in (from changed_sessions);

-- Facts hang on orders: those that changed, and those whose lines did, before and after.
create temp table touched_orders as
from changed_orders
union
select order_id from warehouse.intermediate.int_order_lines_current
where line_id in (from changed_lines)
union
select order_id from raw.order_lines where _delivery_id in (from changed_deliveries);

begin;
delete from warehouse.intermediate.int_orders_current where order_id in (from changed_orders);
insert into warehouse.intermediate.int_orders_current by name {int_orders_current};
delete from warehouse.intermediate.int_order_lines_current where line_id in (from changed_lines);
insert into warehouse.intermediate.int_order_lines_current by name {int_order_lines_current};
delete from warehouse.intermediate.int_claims_current where claim_id in (from changed_claims);
insert into warehouse.intermediate.int_claims_current by name {int_claims_current};
delete from warehouse.intermediate.int_livestream_sessions_current
where session_id in (from changed_sessions);
insert into warehouse.intermediate.int_livestream_sessions_current by name
{int_livestream_sessions_current};
commit;
