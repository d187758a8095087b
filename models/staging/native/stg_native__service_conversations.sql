-- One row per delivered version of service conversations; superseded ones stay as before images.
select
    service_conversations.source,
    service_conversations.conversation_id,
    service_conversations.merchant_id,
    service_conversations.order_id,
    pseudonyms.customer_key,
    service_conversations.is_satisfied,
    service_conversations.started_at,
    service_conversations.first_replied_at,
    service_conversations.ended_at,
    service_conversations.updated_at,
    {{ lineage_columns('service_conversations', erasable=true) }}
from {{ delivered_rows('service_conversations') }} as service_conversations
inner join {{ ranked_deliveries() }} as deliveries
    on service_conversations._delivery_id = deliveries.delivery_id
left join {{ pseudonyms() }} as pseudonyms
    on service_conversations.customer_id = pseudonyms.customer_id
