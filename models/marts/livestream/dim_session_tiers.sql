{{ restate(by='session_tier', affected_by={}) }}
-- One row per tier of livestream sessions and currency. A session over 100 million is also over ten
-- million: tiers are nested.
with
session_tiers as (
    select * from {{ ref('session_tiers') }}
),

final as (
    select
        session_tier,
        currency_code,
        basis,
        minimum_gmv_amount,
    from session_tiers
)

select * from final
