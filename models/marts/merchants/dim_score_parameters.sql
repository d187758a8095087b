{{ restate(by='valid_from', affected_by={}) }}
-- One row per score, begin of validity and indicator. All rows of one valid_from are one set, in
-- force until the score's next one; the row `paid_orders` says below how many a score is null.
with
score_parameters as (
    select * from {{ ref('score_parameters') }}
),

final as (
    select
        score as score_name,
        component,
        indicator,
        direction,
        version,
        basis,
        component_weight,
        indicator_weight,
        at_100,
        at_60,
        at_0,
        window_days,
        min_sample,
        valid_from,
    from score_parameters
)

select * from final
