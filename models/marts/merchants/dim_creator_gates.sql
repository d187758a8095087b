{{ restate(by='valid_from', affected_by={}) }}
-- One row per gate and begin of validity: from which reputation score on it is open, until the
-- gate's next minimum.
with
creator_gates as (
    select * from {{ ref('creator_gates') }}
),

final as (
    select
        gate,
        basis,
        minimum_score,
        valid_from,
        lead(valid_from) over (partition by gate order by valid_from) as valid_to,
    from creator_gates
)

select * from final
