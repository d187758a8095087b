-- One row per delivered version of reviews; superseded ones stay as before images.
select
    reviews.source,
    reviews.review_id,
    reviews.order_id,
    reviews.line_id,
    reviews.product_id,
    pseudonyms.customer_key,
    reviews.review_level,
    reviews.reviewed_at,
    reviews.updated_at,
    {{ lineage_columns('reviews', erasable=true) }}
from {{ delivered_rows('reviews') }} as reviews
inner join {{ ranked_deliveries() }} as deliveries
    on reviews._delivery_id = deliveries.delivery_id
left join {{ pseudonyms() }} as pseudonyms
    on reviews.customer_id = pseudonyms.customer_id
