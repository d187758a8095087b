-- Facts over all of history.
create temp view orders as from warehouse.intermediate.int_orders_current;
create temp view order_lines as from warehouse.intermediate.int_order_lines_current;
create temp view claims as from warehouse.intermediate.int_claims_current;
create temp view sessions as from warehouse.intermediate.int_livestream_sessions_current;

create table marts.core.fct_orders as {fct_orders};
create table marts.core.fct_order_lines as {fct_order_lines};

create temp view claimed_orders as from marts.core.fct_orders;
create temp view claimed_order_lines as from marts.core.fct_order_lines;
create table marts.core.fct_claims as {fct_claims};

create temp view refunded_claims as
from marts.core.fct_claims where is_refunded and not is_compensation;
create table marts.core.fct_refunds as {fct_refunds};

create temp view session_lines as
from marts.core.fct_order_lines where is_paid and session_id is not null;
create temp view session_refunds as from marts.core.fct_refunds where session_id is not null;
create table marts.livestream.fct_livestream_sessions as {fct_livestream_sessions};
