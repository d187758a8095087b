{{ restate(
    by='right_code',
    affected_by={'fct_right_enrolments': 'right_code', 'agg_right_signings': 'right_code'},
    recompute='select distinct right_code from fct_right_enrolments cross join requested',
) }}
-- One row per right, source and outcome: how the outcome changed for merchants that signed the
-- right, less how it changed meanwhile for those that had not (difference in differences). The
-- standard error is that over the signed merchants; no effect with fewer than 10 of them, and no
-- merchant counts whose month has fewer than 10 peers.
with
signers as (
    select
        right_code,
        source,
        count(distinct merchant_id) as signed_merchant_count,
    from {{ affected_rows(ref('fct_right_enrolments'), 'right_code') }}
    group by right_code, source
),

outcomes as (
    select
        *,
        unnest([
            'paid_orders', 'complaint_rate', 'quality_return_rate', 'dispute_rate', 'score'
        ]) as outcome,
    from signers
),

estimated as (
    select
        right_code,
        source,
        outcome,
        count(*) as compared_count,
        min(peer_count) as fewest_peer_count,
        sum(change_millionths) as change_sum,
        sum(peer_change_millionths) as peer_change_sum,
        sum(change_millionths - peer_change_millionths) as difference,
        sum(
            cast(change_millionths - peer_change_millionths as hugeint)
            * (change_millionths - peer_change_millionths)
        ) as squared_difference,
    from {{ affected_rows(ref('agg_right_signings'), 'right_code') }}
    where peer_count >= 10
    group by right_code, source, outcome
),

effects as (
    select
        outcomes.*,
        coalesce(estimated.compared_count, 0) as compared_merchant_count,
        estimated.fewest_peer_count,
        estimated.compared_count >= 10 as is_estimated,
        estimated.change_sum / estimated.compared_count / 1000000 as signed_change,
        estimated.peer_change_sum / estimated.compared_count / 1000000 as peer_change,
        estimated.difference / estimated.compared_count / 1000000 as effect,
        sqrt(
            (
                estimated.compared_count * estimated.squared_difference
                - estimated.difference * estimated.difference
            ) / nullif(estimated.compared_count - 1, 0)
        ) / estimated.compared_count / 1000000 as standard_error,
    from outcomes
    left join estimated using (right_code, source, outcome)
),

final as (
    select
        right_code,
        source,
        outcome,
        case when not coalesce(is_estimated, false) then 'too_few_signed_merchants' end
            as effect_reason,
        signed_merchant_count,
        compared_merchant_count,
        coalesce(fewest_peer_count, 0) as fewest_peer_count,
        signed_change,
        peer_change,
        case when is_estimated then effect end as effect,
        case when is_estimated then standard_error end as standard_error,
        case when is_estimated then effect - 2 * standard_error end as effect_low,
        case when is_estimated then effect + 2 * standard_error end as effect_high,
    from effects
)

select * from final
