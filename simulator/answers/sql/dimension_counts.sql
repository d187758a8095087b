-- Things and versions of the dimensions.
-- Grain: one row per dimension.
-- For: core.dim_products, dim_merchants, dim_creators, dim_customers.
select
    'creators' as dimension,
    count(distinct creator_id) as thing_count,
    count(*) as version_count,
from final.creators
union all
select
    'customers',
    count(distinct customer_id),
    count(*),
from final.customers
union all
select
    'merchants',
    count(distinct merchant_id),
    count(*),
from final.merchants
union all
select
    'products',
    count(distinct product_id),
    count(*),
from final.products
order by dimension
