-- What the history says of the published statements, and the verdict.
-- Grain: one row per statement.
-- For: growth.published_claim_check. Amounts in CNY. A level is judged against the stated one x scale. holds: inside the stated range, each end widened by the tolerance;
-- not_comparable: the data do not cover the period, the base is tiny, or fewer things than the
-- minimum are to be expected at this scale; not_computable: no figure, or nothing to measure.
with

statements as (
    select *
    from read_csv(
        getvariable('seeds') || '/published_claims.csv',
        types = {
            'stated': 'varchar',
            'stated_low': 'double',
            'stated_high': 'double',
            'tolerance_rate': 'double',
            'data_from_date': 'date',
            'data_to_date': 'date'
        }
    )
),

found as (
    select
        statements.*,
        if(is_scaled, parameters.scale, 1) as factor,
        case
            when statements.window_id is null then figures.figure_value
            when statements.figure = 'merchant_ratio' then growth.merchant_ratio
            when statements.figure = 'item_ratio' then growth.item_ratio
            when statements.figure = 'gmv_ratio' then growth.gmv_ratio
        end as computed_value,
        case statements.figure
            when 'merchant_ratio' then merchant_missing_reason
            when 'item_ratio' then item_missing_reason
            when 'gmv_ratio' then gmv_missing_reason
        end as ratio_reason,
        case
            when statements.figure is null then no_figure_reason
            when data_from_date < from_date or data_to_date > to_date
                then 'the data do not cover the period'
            when
                is_scaled
                and suffix(statements.figure, '_count')
                and stated_low * parameters.scale < minimum_expected_count
                then 'too few to expect at this scale'
            when ratio_reason is not null then ratio_reason
            when
                statements.figure = 'merchant_ratio'
                and growth.base_merchant_count * tolerance_rate < 2
                then 'base is tiny'
            when computed_value is null
                then coalesce(no_figure_reason, 'nothing in the data bears on it')
        end as verdict_reason,
    from statements
    cross join truth.parameters
    cross join base.growth_parameters
    left join base.statement_figures as figures using (figure)
    left join base.growth as growth
        on statements.window_id = growth.window_id
        and statements.alignment = growth.alignment
        and statements.growth_subject = growth.subject
        and growth.currency_code = 'CNY'
)

select
    statement_id,
    figure,
    stated_low * factor as expected_low,
    stated_high * factor as expected_high,
    computed_value,
    verdict_reason,
    case
        when figure is null or verdict_reason = 'nothing in the data bears on it'
            then 'not_computable'
        when verdict_reason is not null then 'not_comparable'
        when computed_value < expected_low - expected_low * tolerance_rate then 'out_of_range'
        when computed_value > expected_high + expected_high * tolerance_rate then 'out_of_range'
        else 'holds'
    end as verdict,
from found
order by statement_id
