-- One row per delivered version of livestream sessions; superseded ones stay as before images.
select
    livestream_sessions.source,
    livestream_sessions.session_id,
    livestream_sessions.creator_id,
    livestream_sessions.merchant_id,
    livestream_sessions.session_title,
    livestream_sessions.view_count,
    livestream_sessions.viewer_count,
    livestream_sessions.peak_online_count,
    livestream_sessions.product_exposure_count,
    livestream_sessions.product_click_count,
    livestream_sessions.comment_count,
    livestream_sessions.new_follower_count,
    livestream_sessions.started_at,
    livestream_sessions.ended_at,
    livestream_sessions.updated_at,
    {{ lineage_columns('livestream_sessions') }}
from {{ delivered_rows('livestream_sessions') }} as livestream_sessions
inner join {{ ranked_deliveries() }} as deliveries
    on livestream_sessions._delivery_id = deliveries.delivery_id
