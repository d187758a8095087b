-- One row per delivered version of source parameters; superseded ones stay as before images.
select
    source_parameters.source,
    source_parameters.parameter_name,
    source_parameters.parameter_value,
    source_parameters.updated_at,
    {{ lineage_columns('source_parameters') }}
from {{ delivered_rows('source_parameters') }} as source_parameters
inner join {{ ranked_deliveries() }} as deliveries
    on source_parameters._delivery_id = deliveries.delivery_id
