-- One row per delivered version of disputes; superseded ones stay as before images.
select
    disputes.source,
    disputes.dispute_id,
    disputes.claim_id,
    disputes.order_id,
    disputes.dispute_status,
    disputes.blame,
    disputes.opened_at,
    disputes.judged_at,
    disputes.updated_at,
    {{ lineage_columns('disputes') }}
from {{ delivered_rows('disputes') }} as disputes
inner join {{ ranked_deliveries() }} as deliveries
    on disputes._delivery_id = deliveries.delivery_id
