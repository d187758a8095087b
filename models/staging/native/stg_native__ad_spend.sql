-- One row per delivered version of advertising spend; superseded ones stay as before images.
select
    ad_spend.source,
    ad_spend.ad_spend_id,
    ad_spend.creator_id,
    ad_spend.merchant_id,
    ad_spend.session_id,
    ad_spend.currency_code,
    {{ minor_units('ad_spend.spend_amount') }} as spend_amount,
    ad_spend.spent_at,
    ad_spend.updated_at,
    {{ lineage_columns('ad_spend') }}
from {{ delivered_rows('ad_spend') }} as ad_spend
inner join {{ ranked_deliveries() }} as deliveries
    on ad_spend._delivery_id = deliveries.delivery_id
