-- The published tables of a warehouse that is right about the tiny platform, made from its key.
-- `{answers}` is the folder of the key; the schema `final` gives what the key does not hold.
create schema marts.core;
create schema marts.sales;
create schema marts.livestream;
create schema marts.claims;
create schema marts.merchants;
create schema marts.customers;
create schema marts.growth;
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
create table marts.sales.agg_merchant_sales_daily as from '{answers}/merchant_sales_daily.parquet';
create table marts.sales.agg_product_sales_daily as from '{answers}/product_sales_daily.parquet';
create table marts.sales.agg_brand_sales_daily as from '{answers}/brand_sales_daily.parquet';
create table marts.sales.agg_region_sales_daily as from '{answers}/region_sales_daily.parquet';
create table marts.sales.agg_gmv_walk_daily as from '{answers}/gmv_walk_daily.parquet';
create table marts.growth.agg_category_growth as from '{answers}/growth.parquet';
create table marts.growth.agg_campaign_summary as
select *, true as is_covered from '{answers}/campaigns.parquet';
create table marts.growth.published_claim_check as
from '{answers}/published_statements.parquet';
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

create table marts.merchants.agg_merchant_scores_daily as
select
    scores.* exclude (end_date),
    scores.end_date as business_date,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'bad_review_rate')
        as bad_review_rate,
    coalesce(max(inputs.denominator) filter (where indicator = 'bad_review_rate'), 0) as reviewed_order_count,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'quality_return_rate')
        as quality_return_rate,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'complaint_rate')
        as complaint_rate,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'pickup_on_time_rate')
        as pickup_on_time_rate,
    coalesce(max(inputs.denominator) filter (where indicator = 'pickup_on_time_rate'), 0) as pickup_due_count,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'delivery_on_time_rate')
        as delivery_on_time_rate,
    coalesce(max(inputs.denominator) filter (where indicator = 'delivery_on_time_rate'), 0) as delivery_due_count,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'merchant_blame_rate')
        as merchant_blame_rate,
    coalesce(max(inputs.denominator) filter (where indicator = 'merchant_blame_rate'), 0) as judged_dispute_count,
    max(inputs.numerator / inputs.denominator) filter (where indicator = 'reply_within_3_minutes_rate')
        as reply_within_3_minutes_rate,
    coalesce(max(inputs.denominator) filter (where indicator = 'reply_within_3_minutes_rate'), 0) as conversation_count,
    max(inputs.numerator / inputs.denominator / 3600) filter (where indicator = 'refund_only_hours')
        as refund_only_hours,
    coalesce(max(inputs.denominator) filter (where indicator = 'refund_only_hours'), 0) as refund_only_count,
    max(inputs.numerator / inputs.denominator / 3600) filter (where indicator = 'return_refund_hours')
        as return_refund_hours,
    coalesce(max(inputs.denominator) filter (where indicator = 'return_refund_hours'), 0) as return_refund_count,
    coalesce(max(inputs.denominator) filter (where indicator = 'deduction_points'), 0) as violation_count,
from '{answers}/merchant_scores.parquet' as scores
left join '{answers}/score_inputs.parquet' as inputs
    on scores.merchant_id = inputs.merchant_id and scores.end_date = inputs.end_date
group by all;

create table marts.merchants.fct_creator_partners_daily as
select
    lines.creator_id,
    orders.merchant_id,
    answer.paid_date as business_date,
    sum(answer.pay_amount)::decimal(18, 2) as gmv_amount,
from '{answers}/order_lines.parquet' as answer
inner join final.order_lines as lines on answer.line_id = lines.line_id
inner join final.orders as orders on answer.order_id = orders.order_id
where answer.paid_date is not null and lines.creator_id is not null
group by all;

create table marts.merchants.agg_creator_scores_daily as
select
    inputs.*,
    inputs.end_date as business_date,
    scores.* exclude (creator_id, end_date),
from '{answers}/creator_score_inputs.parquet' as inputs
left join '{answers}/creator_scores.parquet' as scores
    on inputs.creator_id = scores.creator_id and inputs.end_date = scores.end_date;
alter table marts.merchants.agg_creator_scores_daily drop end_date;

create table marts.merchants.agg_right_impact as from '{answers}/right_impact.parquet';

create table marts.customers.agg_repurchase_daily as
select
    * exclude (end_date, span_days),
    end_date as business_date,
    span_days as window_days,
from '{answers}/repurchase_windows.parquet';

create table marts.customers.agg_repurchase_cohorts as
select
    * exclude (month, span_days),
    month as cohort_date,
    span_days as window_days,
from '{answers}/repurchase_cohorts.parquet';

create table marts.customers.agg_merchant_loyalty_monthly as
select
    * exclude (month),
    month as month_start_date,
from '{answers}/merchant_loyalty.parquet';

create table marts.customers.agg_customer_profile_monthly as
select
    * exclude (month, value),
    month as month_start_date,
    value as dimension_value,
from '{answers}/customer_profile.parquet';

create table marts.customers.agg_customer_profile_growth as
select
    * exclude (month, value),
    month as month_start_date,
    value as dimension_value,
from '{answers}/customer_growth.parquet';

create schema marts.finance;
create table marts.finance.fct_reconciliation_breaks as
select
    *,
    true as is_open,
from '{answers}/refund_breaks.parquet';

create table marts.finance.fct_refund_reconciliation as
select
    *,
    true as is_entitled,
from '{answers}/refund_chains.parquet';

create table marts.finance.fct_ledger_postings as
select
    * exclude (business_date, posting_count) replace (
        case number when 0 then amount else 0 end::decimal(18, 2) as amount
    ),
    business_date as posted_date,
from '{answers}/ledger_events.parquet' as events
cross join lateral (select unnest(range(events.posting_count)) as number) as numbers;

create table marts.finance.agg_trial_balance as from '{answers}/trial_balance.parquet';
create table marts.finance.agg_payable_movements_daily as
from '{answers}/payable_movements.parquet';
create table marts.finance.agg_payable_rollforward as
from '{answers}/payable_rollforward.parquet';

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
