{%- set of_figures =
    'select statement_id from changes inner join dim_published_claims using (figure)' %}
{%- set of_all = 'select statement_id from dim_published_claims where exists (from changes)' %}
{{ restate(
    by='statement_id',
    affected_by={
        'dim_published_claims': 'statement_id',
        'agg_category_growth':
            'select statement_id from changes inner join dim_published_claims using (window_id)',
        'agg_statement_sales': of_figures,
        'agg_statement_service': of_figures,
        'agg_statement_trends': of_figures,
        'agg_data_spans': of_all,
        'dim_source_parameters': of_all,
        'dim_sources': of_all,
    },
    recompute='select statement_id from dim_published_claims cross join requested',
) }}
-- One row per published statement, with what these data say of it and the verdict. A level is
-- judged against the stated one x the source's share of the whole platform.
with
statements as (
    select * from {{ affected_rows(ref('dim_published_claims'), 'statement_id') }}
),

figures as (
    select * from {{ ref('agg_statement_sales') }}
    union all
    select * from {{ ref('agg_statement_service') }}
    union all
    select * from {{ ref('agg_statement_trends') }}
),

scales as (
    select min(try_cast(said.parameter_value as double)) as scale_factor
    from {{ ref('dim_source_parameters') }} as said
    inner join {{ ref('dim_sources') }} as sources on said.source = sources.source
    where said.parameter_name = 'scale' and sources.currency_code = 'CNY'
),

data_spans as (
    select max(columns(['first_date', 'last_date'])) from {{ ref('agg_data_spans') }}
    where currency_code = 'CNY'
),

computed as (
    select
        statements.*,
        scales.scale_factor,
        data_spans.first_date,
        data_spans.last_date,
        growth.base_merchant_count,
        case statements.figure
            when 'merchant_ratio' then growth.merchant_missing_reason
            when 'item_ratio' then growth.item_missing_reason
            when 'gmv_ratio' then growth.gmv_missing_reason
        end as missing_reason,
        case statements.figure
            when 'merchant_ratio' then growth.merchant_ratio
            when 'item_ratio' then growth.item_ratio
            when 'gmv_ratio' then growth.gmv_ratio
            else figures.computed_value
        end as computed_value,
        case when statements.is_scaled then scales.scale_factor else 1 end as factor,
    from statements
    cross join scales
    cross join data_spans
    left join {{ ref('agg_category_growth') }} as growth
        on statements.window_id = growth.window_id
        and statements.alignment = growth.alignment
        and statements.growth_subject = growth.subject
        and growth.currency_code = 'CNY'
    left join figures on statements.figure = figures.figure
),

explained as (
    select
        *,
        stated_low * factor as expected_low,
        stated_high * factor as expected_high,
        case
            when figure is null then no_figure_reason
            when data_from_date < first_date or data_to_date > last_date
                then 'the data do not cover the period'
            when factor is null then 'no source states its share of the platform'
            when is_scaled and figure like '%_count' and expected_low < minimum_expected_count
                then 'too few to expect at this scale'
            when missing_reason is not null then missing_reason
            when figure = 'merchant_ratio' and base_merchant_count * tolerance_rate < 2
                then 'base is tiny'
            when computed_value is null
                then coalesce(no_figure_reason, 'nothing in the data bears on it')
        end as verdict_reason,
    from computed
),

final as (
    select
        statement_id,
        article,
        figure,
        stated,
        unit,
        case
            when figure is null or verdict_reason = 'nothing in the data bears on it'
                then 'not_computable'
            when verdict_reason is not null then 'not_comparable'
            when computed_value < expected_low * (1 - tolerance_rate) then 'out_of_range'
            when computed_value > expected_high * (1 + tolerance_rate) then 'out_of_range'
            else 'holds'
        end as verdict,
        verdict_reason,
        quote_zh,
        stated_low, stated_high, scale_factor, expected_low, expected_high,
        tolerance_rate, computed_value,
    from explained
)

select * from final
