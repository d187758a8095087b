-- One row per delivered version of complaints; superseded ones stay as before images.
select
    complaints.source,
    complaints.complaint_id,
    complaints.order_id,
    complaints.merchant_id,
    complaints.creator_id,
    pseudonyms.customer_key,
    complaints.complaint_status,
    complaints.reason,
    complaints.complained_at,
    complaints.closed_at,
    complaints.updated_at,
    {{ lineage_columns('complaints', erasable=true) }}
from {{ delivered_rows('complaints') }} as complaints
inner join {{ ranked_deliveries() }} as deliveries
    on complaints._delivery_id = deliveries.delivery_id
left join {{ pseudonyms() }} as pseudonyms
    on complaints.customer_id = pseudonyms.customer_id
