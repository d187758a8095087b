{{ restate(
    by='parameter_id',
    affected_by={'int_source_parameters_current': 'parameter_name'},
    recompute='select parameter_name from int_source_parameters_current cross join requested',
) }}
-- One row per parameter that a source says of itself, such as its share of the whole platform.
with
parameters as (
    select * from {{ affected_rows(ref('int_source_parameters_current'), 'parameter_name') }}
),

final as (
    select
        parameter_name as parameter_id,
        source,
        split_part(parameter_name, ':', -1) as parameter_name,
        parameter_value,
        updated_at,
    from parameters
)

select * from final
