-- Versions of products as delivered.
-- Grain: one row per product and version.
-- For: core.dim_products. valid_from is the version's own time, valid_to the next version's.
select
    product_id,
    merchant_id,
    category_id,
    product_name,
    brand_name,
    is_pseudo_product,
    is_local_speciality,
    is_qixi,
    is_rose,
    is_china_style,
    is_domestic_brand,
    updated_at as valid_from,
    lead(updated_at) over (partition by product_id order by updated_at) as valid_to,
    valid_to is null as is_current,
from final.products
order by product_id, valid_from
