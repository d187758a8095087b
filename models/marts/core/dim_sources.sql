{{ restate(
    by='source',
    images=['data_date'],
    affected_by={'int_data_clock': 'source'},
    recompute='select source from int_data_clock cross join requested',
) }}
-- One row per source of deliveries: how it tells time and money, and up to when it has delivered.
with
clocks as (
    select * from {{ affected_rows(ref('int_data_clock'), 'source') }}
),

final as (
    select
        source,
        time_zone,
        currency_code,
        data_date,
    from clocks
)

select * from final
