-- One row per delivered version of creators; superseded ones stay as before images.
select
    creators.source,
    creators.creator_id,
    creators.creator_type,
    creators.follower_count,
    creators.updated_at,
    {{ lineage_columns('creators') }}
from {{ delivered_rows('creators') }} as creators
inner join {{ ranked_deliveries() }} as deliveries
    on creators._delivery_id = deliveries.delivery_id
