-- The tiles of a dashboard on the published file, each with its title on top.
-- The day before against a week ago
select business_date, placed_amount, gmv_amount, net_cash_amount, paid_order_count, buyer_count
from sales.agg_sales_daily
where business_date in (
    (select max(business_date) from sales.agg_sales_daily),
    (select max(business_date) - 7 from sales.agg_sales_daily)
);

-- GMV and net, 90 days
select business_date, sum(gmv_amount) as gmv, sum(net_cash_amount) as net
from sales.agg_sales_daily
where business_date > (select max(business_date) - 90 from sales.agg_sales_daily)
group by all order by business_date;

-- GMV by channel and month
select date_trunc('month', business_date) as month, channel, sum(gmv_amount) as gmv
from sales.agg_gmv_daily group by all order by all;

-- Categories, 30 days
select category_id, sum(gmv_amount) as gmv, sum(refunded_amount) / sum(gmv_amount) as refunded
from sales.agg_gmv_daily
where business_date > (select max(business_date) - 30 from sales.agg_gmv_daily)
group by all order by gmv desc;

-- Greatest merchants, 30 days
select merchant_id, sum(gmv_amount) as gmv, sum(net_cash_amount) as net
from sales.agg_merchant_sales_daily
where business_date > (select max(business_date) - 30 from sales.agg_merchant_sales_daily)
group by all order by gmv desc limit 20;

-- The greatest merchant, day by day
select business_date, gmv_amount, paid_order_count
from sales.agg_merchant_sales_daily
where merchant_id = (
    select max_by(merchant_id, gmv_amount) from sales.agg_merchant_sales_daily
    where business_date = (select max(business_date) from sales.agg_merchant_sales_daily)
)
order by business_date;

-- Best-selling products with their names, 7 days
with sold as (
    select product_id, sum(item_count) as units, sum(gmv_amount) as gmv
    from sales.agg_product_sales_daily
    where business_date > (select max(business_date) - 7 from sales.agg_product_sales_daily)
    group by all order by gmv desc limit 50
)
select sold.*, product_name
from sold left join core.dim_products using (product_id)
where is_current is not false order by gmv desc;

-- Brands of sports goods around the Olympics
select brand_name, sum(gmv_amount) as gmv, rank() over (order by sum(gmv_amount) desc) as place
from sales.agg_brand_sales_daily
where category_id = 'sports' and business_date between '2021-07-21' and '2021-08-08'
group by all order by gmv desc limit 10;

-- Provinces, 30 days
select province, sum(gmv_amount) as gmv, sum(paid_order_count) as orders
from sales.agg_region_sales_daily
where business_date > (select max(business_date) - 30 from sales.agg_region_sales_daily)
group by all order by gmv desc;

-- From gross to net by month and kind of payment
select
    date_trunc('month', business_date) as month, payment_kind, sum(gross_amount) as gross,
    sum(gmv_amount) as gmv, sum(net_cash_amount) as net
from sales.agg_gmv_walk_daily group by all order by all;

-- Growth of the last campaign by category
select subject, alignment, gmv_ratio, gmv_missing_reason, buyer_ratio, buyer_missing_reason
from growth.agg_category_growth
where window_id = 'QIXI_2021' and subject like 'category:%' order by subject, alignment;

-- Campaigns
select campaign_id, gmv_amount, buyer_count, over_10m_room_count
from growth.agg_campaign_summary where is_covered order by start_date;

-- Greatest sessions, 7 days
select session_title, creator_id, gmv_amount, net_amount, gpm, uv_value, roi
from livestream.fct_livestream_sessions
where started_date > (select max(started_date) - 7 from livestream.fct_livestream_sessions)
order by gmv_amount desc limit 20;

-- Creators, 30 days
select creator_id, sum(gmv_amount) as gmv, sum(refunded_amount) as refunded
from livestream.agg_creator_sales_daily
where business_date > (select max(business_date) - 30 from livestream.agg_creator_sales_daily)
group by all order by gmv desc limit 20;

-- Claims served so far, by right
select right_code, max_by(cumulative_served_count, business_date) as served
from claims.agg_claims_served_daily group by all order by right_code;

-- How fast claims are handled, 30 days
select right_code, measure, business_date, p50_seconds, p90_seconds, inside_deadline_rate
from claims.agg_claim_handling_daily
where business_date > (select max(business_date) - 30 from claims.agg_claim_handling_daily)
order by all;

-- Merchants by return zone and month
select month_start_date, channel, return_zone, count(*) as merchants
from claims.agg_return_rates_monthly where is_mature and paid_order_count >= 10
group by all order by all;

-- Refund reasons, 30 days
select reason, sum(refunded_amount) as refunded, sum(refunded_amount) filter (where channel = 'live')
from claims.agg_refund_reasons_daily
where business_date > (select max(business_date) - 30 from claims.agg_refund_reasons_daily)
group by all order by refunded desc;

-- Shops with the lowest scores today
select merchant_id, score, goods_score, logistics_score, service_score
from merchants.agg_merchant_scores_daily
where
    business_date = (select max(business_date) from merchants.agg_merchant_scores_daily)
order by score nulls last limit 20;

-- Buyers by generation, and who comes back
select profiles.month_start_date, dimension_value, profiles.buyer_count, repurchase_rate
from customers.agg_customer_profile_monthly as profiles
left join customers.agg_repurchase_daily as repurchases
    on last_day(month_start_date) = business_date and window_days = 90
where dimension = 'generation' order by all;
