-- Dimensions: states and seeds, hardly changed.
create table marts.core.dim_campaigns as
select
    campaign_id, base_campaign_id, campaign_code, anchor_code, name_zh, confidence, note,
    campaign_year, is_platform_owned, start_date, end_date
from warehouse.seeds.campaigns;

create table marts.core.dim_categories as
select
    category_id, category_name_zh, category_name, no_reason_return, is_fresh, has_allergy_right,
    has_fresh_right
from warehouse.seeds.categories;

create table marts.core.dim_creators as
select creator_id, source, creator_type, follower_count, updated_at
from warehouse.intermediate.int_creators_current;

create table marts.core.dim_customers as
select
    customers.customer_key, customers.source, coalesce(customers.gender, 'unknown') as gender,
    customers.country, customers.province, customers.city, city_tiers.city_tier,
    customers.birth_year, customers.registered_at, customers.updated_at
from warehouse.intermediate.int_customers_current as customers
left join warehouse.seeds.city_tiers using (city);

create table marts.core.dim_dates as
select
    festival_codes,
    year(business_date) as year_number,
    quarter(business_date) as quarter_number,
    month(business_date) as month_number,
    day(business_date) as day_of_month,
    isodow(business_date) as iso_weekday,
    isoyear(business_date) as iso_year,
    week(business_date) as iso_week,
    isodow(business_date) >= 6 as is_weekend,
    business_date,
    date_trunc('month', business_date)::date as month_start_date
from (
    select unnest(generate_series(timestamp '2005-01-01', timestamp '2035-12-31', interval 1 day))
        ::date as business_date
) as days
left join (
    select anchor_date, string_agg(anchor_code, ' ' order by anchor_code) as festival_codes
    from warehouse.seeds.calendar_anchors
    group by anchor_date
) as festivals on days.business_date = festivals.anchor_date;

create table marts.core.dim_merchants as
select
    merchant_id, source, merchant_name, merchant_type, province, city,
    lead(valid_from) over versions is null as is_current,
    opened_at, valid_from,
    lead(valid_from) over versions as valid_to
from warehouse.intermediate.int_merchants_versioned
window versions as (partition by merchant_id order by valid_from);

create table marts.core.dim_products as
select
    product_id, category_id, merchant_id, source, product_name, brand_name,
    coalesce(is_pseudo_product, false) as is_pseudo_product,
    coalesce(is_local_speciality, false) as is_local_speciality,
    coalesce(is_qixi, false) as is_qixi,
    coalesce(is_rose, false) as is_rose,
    coalesce(is_china_style, false) as is_china_style,
    coalesce(is_domestic_brand, false) as is_domestic_brand,
    lead(valid_from) over versions is null as is_current,
    valid_from,
    lead(valid_from) over versions as valid_to
from warehouse.intermediate.int_products_versioned
window versions as (partition by product_id order by valid_from);

create table marts.core.dim_rights as
select
    right_code, name_zh, name_en, category_scope, window_anchor, window_unit, approver, payer,
    basis, confidence, window_value, compensation_multiple, response_hours, is_active,
    is_mandatory, includes_refund as has_refund, valid_from,
    lead(valid_from) over (partition by right_code order by valid_from) as valid_to
from warehouse.seeds.right_rules;
