{{ restate(
    by='currency_code',
    affected_by={
        'agg_sales_daily': 'currency_code',
        'dim_source_parameters': 'select currency_code from agg_sales_daily',
    },
    recompute='select currency_code from agg_sales_daily cross join requested',
) }}
-- One row per currency: from when to when there are orders, that is, what growth can be told of.
-- A source may say earlier when its data begin, by the parameter `from_date`: a quiet first day
-- isn't missing.
with
days as (
    select * from {{ affected_rows(ref('agg_sales_daily'), 'currency_code') }}
),

declared as (
    select min(try_cast(parameter_value as date)) as from_date
    from {{ ref('dim_source_parameters') }}
    where parameter_name = 'from_date'
),

ordered as (
    select
        currency_code,
        min(business_date) as first_date,
        max(business_date) as last_date,
    from days
    where placed_order_count > 0
    group by currency_code
),

final as (
    select
        ordered.currency_code,
        least(ordered.first_date, declared.from_date) as first_date,
        ordered.last_date,
    from ordered
    cross join declared
)

select * from final
