-- Roll-ups over all dates.
create temp view placed_orders as from marts.core.fct_orders;
create temp view paid_orders as from marts.core.fct_orders where is_paid;
create temp view paid_lines as from marts.core.fct_order_lines where is_paid;
create temp view refunds_of_day as from marts.core.fct_refunds;
create temp view refunds_of_cohort as from marts.core.fct_refunds where paid_date is not null;

create table marts.sales.agg_gmv_daily as {agg_gmv_daily};
create table marts.sales.agg_sales_daily as {agg_sales_daily};
