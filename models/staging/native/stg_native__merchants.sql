-- One row per delivered version of merchants; superseded ones stay as before images.
select
    merchants.source,
    merchants.merchant_id,
    merchants.merchant_name,
    merchants.merchant_type,
    merchants.province,
    merchants.city,
    merchants.opened_at,
    merchants.updated_at,
    {{ lineage_columns('merchants') }}
from {{ delivered_rows('merchants') }} as merchants
inner join {{ ranked_deliveries() }} as deliveries
    on merchants._delivery_id = deliveries.delivery_id
