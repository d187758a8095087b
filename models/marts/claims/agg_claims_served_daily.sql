{{ restate(
    by='right_code',
    affected_by={'agg_claims_daily': 'right_code'},
    recompute=requested_rows('agg_claims_daily', 'right_code', 'business_date'),
) }}
-- One row per right and business date on which it served somebody, in person-times. A late claim
-- moves the cumulative count of all later days, so the unit is the right as a whole: its days are
-- summed up from the daily roll-up, never from the claims.
with
days as (
    select
        right_code,
        business_date,
        sum(served_count) as served_count,
        sum(eligible_served_count) as eligible_served_count,
    from {{ affected_rows(ref('agg_claims_daily'), 'right_code') }}
    where served_count > 0
    group by all
),

final as (
    select
        right_code,
        cast(served_count as bigint) as served_count,
        cast(eligible_served_count as bigint) as eligible_served_count,
        cast(
            sum(served_count) over (partition by right_code order by business_date) as bigint
        ) as cumulative_served_count,
        business_date,
    from days
)

select * from final
