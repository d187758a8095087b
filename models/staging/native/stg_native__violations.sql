-- One row per delivered version of violations; superseded ones stay as before images.
select
    violations.source,
    violations.violation_id,
    violations.merchant_id,
    violations.reason,
    violations.points,
    violations.violated_at,
    violations.updated_at,
    {{ lineage_columns('violations') }}
from {{ delivered_rows('violations') }} as violations
inner join {{ ranked_deliveries() }} as deliveries
    on violations._delivery_id = deliveries.delivery_id
