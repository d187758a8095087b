-- One row per delivered version of products; superseded ones stay as before images.
select
    products.source,
    products.product_id,
    products.merchant_id,
    products.product_name,
    products.brand_name,
    products.category_id,
    products.subcategory,
    products.is_pseudo_product,
    products.is_local_speciality,
    products.is_qixi,
    products.is_rose,
    products.is_china_style,
    products.is_domestic_brand,
    products.updated_at,
    {{ lineage_columns('products') }}
from {{ delivered_rows('products') }} as products
inner join {{ ranked_deliveries() }} as deliveries
    on products._delivery_id = deliveries.delivery_id
