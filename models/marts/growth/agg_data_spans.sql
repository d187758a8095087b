{%- set of_all = 'select currency_code from agg_sales_daily where exists (from changes)' %}
{{ restate(
    by='currency_code',
    affected_by={
        'agg_sales_daily': 'currency_code',
        'dim_sources': of_all,
        'dim_source_parameters': of_all,
        'fct_merchant_orders_daily': of_all,
    },
    recompute='select currency_code from agg_sales_daily cross join requested',
) }}
-- One row per currency: from when to when its sources tell of orders, that is, what growth can be
-- told of. A source may say earlier when its data begin, by the parameter `from_date`: a quiet
-- first day isn't missing. The daily files of a source with orders say when they end, whatever
-- dates the orders bear; those of bills say nothing of it.
with
days as (
    select * from {{ affected_rows(ref('agg_sales_daily'), 'currency_code') }}
),

clocks as (
    select
        sources.currency_code,
        max(sources.data_date) as data_date,
    from {{ ref('dim_sources') }} as sources
    semi join {{ ref('fct_merchant_orders_daily') }} as paid_days
        on sources.source = paid_days.source
    group by sources.currency_code
),

said as (
    {{ declared_from_dates(ref('dim_source_parameters')) }}
),

declared as (
    select
        sources.currency_code,
        min(said.from_date) as from_date,
    from said
    inner join {{ ref('dim_sources') }} as sources on said.source = sources.source
    group by sources.currency_code
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
        coalesce(clocks.data_date, ordered.last_date) as last_date,
    from ordered
    left join clocks on ordered.currency_code = clocks.currency_code
    left join declared on ordered.currency_code = declared.currency_code
)

select * from final
