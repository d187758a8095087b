-- Roll-ups of the dates that the facts have left or entered.
create temp table line_dates as
select paid_date from lines_before union select paid_date from new_lines;
create temp table refund_dates as
select refunded_date from refunds_before
union select refunded_date from new_refunds
union select paid_date from refunds_before
union select paid_date from new_refunds;
create temp table sales_dates as
from line_dates union from refund_dates
union select created_date from orders_before
union select paid_date from orders_before
union select created_date from orders
union select paid_date from orders;

create temp view placed_orders as
select * from marts.core.fct_orders where created_date in (from sales_dates);
create temp view paid_orders as
select * from marts.core.fct_orders where paid_date in (from sales_dates);
create temp view paid_lines as
select * from marts.core.fct_order_lines where paid_date in (from sales_dates);
create temp view refunds_of_day as
select * from marts.core.fct_refunds where refunded_date in (from sales_dates);
create temp view refunds_of_cohort as
select * from marts.core.fct_refunds where paid_date in (from sales_dates);

begin;
delete from marts.sales.agg_gmv_daily where business_date in (from sales_dates);
insert into marts.sales.agg_gmv_daily by name {agg_gmv_daily};
delete from marts.sales.agg_sales_daily where business_date in (from sales_dates);
insert into marts.sales.agg_sales_daily by name {agg_sales_daily};
commit;
