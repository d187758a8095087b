{{ restate(by='milestone_id', affected_by={}) }}
-- One row per milestone of the world outside, with the statement that it rests on.
with
milestones as (
    select * from {{ ref('milestones') }}
),

final as (
    select
        milestone_id,
        statement_id,
        name_zh,
        name_en,
        note,
        month_start_date,
    from milestones
)

select * from final
