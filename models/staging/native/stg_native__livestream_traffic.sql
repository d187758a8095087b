-- One row per delivered version of livestream traffic; superseded ones stay as before images.
select
    livestream_traffic.source,
    livestream_traffic.session_id,
    livestream_traffic.interval_started_at,
    livestream_traffic.online_count,
    livestream_traffic.view_count,
    livestream_traffic.product_exposure_count,
    livestream_traffic.product_click_count,
    livestream_traffic.comment_count,
    livestream_traffic.new_follower_count,
    livestream_traffic.updated_at,
    {{ lineage_columns('livestream_traffic') }}
from {{ delivered_rows('livestream_traffic') }} as livestream_traffic
inner join {{ ranked_deliveries() }} as deliveries
    on livestream_traffic._delivery_id = deliveries.delivery_id
