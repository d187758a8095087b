{{ restate(
    by='range_id',
    images=['business_date'],
    affected_by={
        'dim_growth_windows':
            'select range_id from changes union all select base_range_id from changes',
    },
    recompute='select range_id from dim_growth_windows cross join requested'
        ' union all select base_range_id from dim_growth_windows cross join requested',
) }}
-- One row per period that growth compares, as a window or as a base, and day of it.
with
windows as (
    select * from {{ ref('dim_growth_windows') }}
),

periods as (
    select
        range_id,
        start_date,
        end_date,
    from windows
    union
    select
        base_range_id as range_id,
        base_start_date as start_date,
        base_end_date as end_date,
    from windows
),

final as (
    select
        range_id,
        cast(unnest(generate_series(start_date, end_date, interval 1 day)) as date)
            as business_date,
    from periods
)

select * from final
