-- Facts of the touched orders, claims and sessions; the dates and sessions that they leave and
-- enter are kept for what is summed from them.
create temp table touched_claims as
from changed_claims
union
select claim_id from warehouse.intermediate.int_claims_current
where order_id in (from touched_orders);

create temp table orders as
select * from warehouse.intermediate.int_orders_current
where order_id in (from touched_orders);
create temp table order_lines as
select * from warehouse.intermediate.int_order_lines_current
where order_id in (from touched_orders);
create temp table claims as
select * from warehouse.intermediate.int_claims_current
where claim_id in (from touched_claims);

begin;
create temp table lines_before as
select paid_date, session_id
from marts.core.fct_order_lines where order_id in (from touched_orders);
create temp table orders_before as
select created_date, paid_date
from marts.core.fct_orders where order_id in (from touched_orders);
create temp table refunds_before as
select refunded_date, paid_date, session_id
from marts.core.fct_refunds where claim_id in (from touched_claims);

delete from marts.core.fct_orders where order_id in (from touched_orders);
insert into marts.core.fct_orders by name {fct_orders};
delete from marts.core.fct_order_lines where order_id in (from touched_orders);
create temp table new_lines as {fct_order_lines};
insert into marts.core.fct_order_lines by name from new_lines;

create temp view claimed_orders as
select * from marts.core.fct_orders where order_id in (select order_id from claims);
create temp table claimed_order_lines as
select * from marts.core.fct_order_lines where order_id in (select order_id from claims);
delete from marts.core.fct_claims where claim_id in (from touched_claims);
create temp table new_claims as {fct_claims};
insert into marts.core.fct_claims by name from new_claims;

create temp view refunded_claims as
from new_claims where is_refunded and not is_compensation;
delete from marts.core.fct_refunds where claim_id in (from touched_claims);
create temp table new_refunds as {fct_refunds};
insert into marts.core.fct_refunds by name from new_refunds;

create temp table touched_sessions as
from changed_sessions
union select session_id from lines_before
union select session_id from new_lines
union select session_id from refunds_before
union select session_id from new_refunds;
create temp view sessions as
select * from warehouse.intermediate.int_livestream_sessions_current
where session_id in (from touched_sessions);
create temp view session_lines as
select * from marts.core.fct_order_lines
where session_id in (from touched_sessions) and is_paid;
create temp view session_refunds as
select * from marts.core.fct_refunds where session_id in (from touched_sessions);
delete from marts.livestream.fct_livestream_sessions
where session_id in (from touched_sessions);
insert into marts.livestream.fct_livestream_sessions by name {fct_livestream_sessions};
commit;
