{{ restate(by='statement_id', images=['figure'], affected_by={}) }}
-- One row per published statement about the platform, with the figure as it is read.
with
statements as (
    select * from {{ ref('published_claims') }}
),

parameters as (
    select * from {{ ref('growth_parameters') }}
),

final as (
    select
        statements.statement_id,
        statements.window_id,
        statements.article,
        statements.subject as subject_text,
        statements.figure,
        statements.statement_kind,
        statements.alignment,
        statements.growth_subject,
        statements.period as period_text,
        statements.base_period as base_period_text,
        statements.stated,
        statements.unit,
        statements.no_figure_reason,
        statements.ambiguity,
        statements.quote_zh,
        statements.stated_low,
        statements.stated_high,
        statements.tolerance_rate,
        parameters.minimum_expected_count,
        statements.is_scaled,
        statements.data_from_date,
        statements.data_to_date,
    from statements
    cross join parameters
)

select * from final
