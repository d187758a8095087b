-- Versions of products and merchants with the time they govern. The first version also governs
-- everything before it. Ends are exclusive.
-- is_first says which; version_number names a version in the tables of lines.
create table base.products as
select
    row_number() over (order by products.product_id, updated_at)::integer as version_number,
    number(products.product_id) as product_id,
    category_id,
    subcategory,
    brand_name,
    coalesce(is_pseudo_product, false) as is_pseudo_product,
    coalesce(is_local_speciality, false) as is_local_speciality,
    coalesce(is_qixi, false) as is_qixi,
    coalesce(is_rose, false) as is_rose,
    coalesce(is_china_style, false) as is_china_style,
    coalesce(is_domestic_brand, false) as is_domestic_brand,
    lag(updated_at, 1) over by_product is null as is_first,
    case when is_first then timestamp '0001-01-01' else updated_at end as governs_from,
    lead(updated_at, 1, timestamp '9999-12-31') over by_product as governs_until,
from final.products as products
window by_product as (partition by products.product_id order by updated_at);

create table base.merchants as
select
    number(merchants.merchant_id) as merchant_id,
    merchant_type,
    lag(updated_at, 1) over by_merchant is null as is_first,
    case when is_first then timestamp '0001-01-01' else updated_at end as governs_from,
    lead(updated_at, 1, timestamp '9999-12-31') over by_merchant as governs_until,
from final.merchants as merchants
window by_merchant as (partition by merchants.merchant_id order by updated_at);

-- Profiles of customers are current: the newest version.
create table base.customers as
select
    number(customers.customer_id) as customer_id,
    arg_max_null(gender, updated_at) as gender,
    arg_max_null(birth_year, updated_at) as birth_year,
    arg_max_null(city, updated_at) as city,
from final.customers as customers
group by customers.customer_id;
