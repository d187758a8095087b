{{ restate(
    by='product_id',
    affected_by={'int_products_versioned': 'product_id'},
    recompute=requested_rows('int_products_versioned', 'product_id', 'valid_from'),
) }}
-- One row per product and version; [valid_from, valid_to) is when it was the newest one.
with
versions as (
    select * from {{ affected_rows(ref('int_products_versioned'), 'product_id') }}
),

final as (
    select
        product_id,
        category_id,
        merchant_id,
        source,
        product_name,
        brand_name,
        coalesce(is_pseudo_product, false) as is_pseudo_product,
        coalesce(is_local_speciality, false) as is_local_speciality,
        coalesce(is_qixi, false) as is_qixi,
        coalesce(is_rose, false) as is_rose,
        coalesce(is_china_style, false) as is_china_style,
        coalesce(is_domestic_brand, false) as is_domestic_brand,
        lead(valid_from) over version_order is null as is_current,
        valid_from,
        lead(valid_from) over version_order as valid_to,
    from versions
    window version_order as (partition by product_id order by valid_from)
)

select * from final
