-- One row per delivered version of claims; superseded ones stay as before images.
select
    claims.source,
    claims.claim_id,
    claims.order_id,
    claims.line_id,
    pseudonyms.customer_key,
    claims.right_code,
    claims.claim_type,
    claims.claim_status,
    claims.refund_status,
    claims.reason,
    claims.payer,
    claims.currency_code,
    {{ minor_units('claims.applied_amount') }} as applied_amount,
    {{ minor_units('claims.refund_amount') }} as refund_amount,
    claims.is_exempt,
    claims.applied_at,
    claims.approved_at,
    claims.return_received_at,
    claims.refunded_at,
    claims.ended_at,
    claims.deadline_at,
    claims.updated_at,
    {{ evidence_columns('claims') }}
    {{ lineage_columns('claims', erasable=true) }}
from {{ delivered_rows('claims') }} as claims
inner join {{ ranked_deliveries() }} as deliveries
    on claims._delivery_id = deliveries.delivery_id
left join {{ pseudonyms() }} as pseudonyms
    on claims.customer_id = pseudonyms.customer_id
