{{ restate(by='return_zone', affected_by={}) }}
-- One row per zone of the return rate: above the lower bound, up to and including the upper one.
with
return_zones as (
    select * from {{ ref('return_zones') }}
),

final as (
    select
        return_zone,
        basis,
        above_rate,
        upto_rate,
    from return_zones
)

select * from final
