{{ restate(
    by='window_id',
    affected_by={
        'dim_growth_windows': 'window_id',
        'agg_window_sales':
            'select window_id from changes inner join dim_growth_windows'
            ' on changes.range_id in'
            ' (dim_growth_windows.range_id, dim_growth_windows.base_range_id)',
        'agg_data_spans': 'select window_id from changes cross join dim_growth_windows',
    },
    recompute='select window_id from dim_growth_windows inner join requested'
        ' on dim_growth_windows.base_start_date <= requested.to_date'
        ' and dim_growth_windows.end_date >= requested.from_date',
) }}
{%- set distinct_counts = ['merchant_count', 'buyer_count', 'product_count'] %}
{%- set measures = {
    'item_count': 'item', 'merchant_count': 'merchant', 'buyer_count': 'buyer',
    'product_count': 'product', 'gmv_amount': 'gmv',
} %}
-- One row per window, alignment, subject and currency with a paid line in the window or its base.
-- A ratio is window / base: 2.9 means +190%; growth is the change over the base. Both are null with
-- the reason, when the base is zero or tiny or the data don't cover window and base. Of distinct
-- counts a base can be tiny that has lines enough.
with
windows as (
    select * from {{ affected_rows(ref('dim_growth_windows'), 'window_id') }}
),

sales as (
    select * from {{ ref('agg_window_sales') }}
),

data_spans as (
    select * from {{ ref('agg_data_spans') }}
),

sides as (
    select
        windows.window_id,
        windows.alignment,
        false as is_base,
        sales.*,
    from windows
    inner join sales on windows.range_id = sales.range_id
    union all
    select
        windows.window_id,
        windows.alignment,
        true as is_base,
        sales.*,
    from windows
    inner join sales on windows.base_range_id = sales.range_id
),

compared as (
    select
        window_id,
        alignment,
        subject,
        currency_code,
        {%- for measure in ['paid_line_count'] + measures | list %}
        coalesce(max(case when not is_base then {{ measure }} end), 0) as {{ measure }},
        coalesce(max(case when is_base then {{ measure }} end), 0) as base_{{ measure }},
        {%- endfor %}
    from sides
    group by window_id, alignment, subject, currency_code
),

judged as (
    select
        windows.*,
        compared.* exclude (compared.window_id, compared.alignment),
        case
            when windows.base_start_date < data_spans.first_date
                then 'base begins before the data'
            when windows.end_date > data_spans.last_date then 'window ends after the data'
            when compared.base_paid_line_count = 0 then 'base is zero'
            when compared.base_paid_line_count < windows.minimum_base_line_count
                then 'base is tiny'
        end as missing_reason,
    from compared
    inner join windows
        on compared.window_id = windows.window_id and compared.alignment = windows.alignment
    inner join data_spans on compared.currency_code = data_spans.currency_code
),

explained as (
    select
        *,
        {%- for measure, name in measures.items() %}
        case
            when missing_reason is not null then missing_reason
            when base_{{ measure }} = 0 then 'base is zero'
            {%- if measure in distinct_counts %}
            when base_{{ measure }} < minimum_base_distinct_count then 'base is tiny'
            {%- endif %}
        end as {{ name }}_missing_reason,
        {%- endfor %}
    from judged
),

final as (
    select
        window_id,
        range_id,
        base_range_id,
        comparison,
        alignment,
        subject,
        currency_code,
        missing_reason,
        {%- for name in measures.values() %}
        {{ name }}_missing_reason,
        {%- endfor %}
        paid_line_count,
        base_paid_line_count,
        {%- for measure in measures %}
        {{ measure }},
        base_{{ measure }},
        {%- endfor %}
        {%- for measure, name in measures.items() %}
        case when {{ name }}_missing_reason is null then {{ measure }} / base_{{ measure }} end
            as {{ name }}_ratio,
        case
            when {{ name }}_missing_reason is null
                then ({{ measure }} - base_{{ measure }}) / base_{{ measure }}
        end as {{ name }}_growth,
        {%- endfor %}
        start_date,
        end_date,
        base_start_date,
        base_end_date,
    from explained
)

select * from final
