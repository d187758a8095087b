{{ restate(
    by='business_date',
    affected_by={
        'fct_claims':
            'select approved_date from changes
            union all select refunded_date from changes
            union all select ended_date from changes',
    },
) }}
-- One row per business date on which a step ended, right (`none` without one) and step. Percentiles
-- are nearest-rank: the smallest time that at least that share of the claims does not exceed. Only
-- the approval has a deadline: the response hours of the right's rule.
with
approved as (
    select * from {{ affected_rows(ref('fct_claims'), 'approved_date') }}
),

refunded as (
    select * from {{ affected_rows(ref('fct_claims'), 'refunded_date') }}
),

ended as (
    select * from {{ affected_rows(ref('fct_claims'), 'ended_date') }}
),

steps as (
    select
        'apply_to_approve' as measure,
        right_code,
        apply_to_approve_seconds as step_seconds,
        is_inside_deadline,
        approved_date as business_date,
    from approved
    union all
    select
        'approve_to_refund' as measure,
        right_code,
        approve_to_refund_seconds as step_seconds,
        null as is_inside_deadline,
        refunded_date as business_date,
    from refunded
    union all
    select
        'apply_to_refund' as measure,
        right_code,
        apply_to_refund_seconds as step_seconds,
        null as is_inside_deadline,
        refunded_date as business_date,
    from refunded
    union all
    select
        'return_to_refund' as measure,
        right_code,
        return_to_refund_seconds as step_seconds,
        null as is_inside_deadline,
        refunded_date as business_date,
    from refunded
    union all
    select
        'apply_to_end' as measure,
        right_code,
        apply_to_end_seconds as step_seconds,
        null as is_inside_deadline,
        ended_date as business_date,
    from ended
),

final as (
    select
        coalesce(right_code, 'none') as right_code,
        measure,
        count(*) as claim_count,
        cast(sum(step_seconds) as bigint) as total_seconds,
        quantile_disc(step_seconds, 0.5) as p50_seconds,
        quantile_disc(step_seconds, 0.9) as p90_seconds,
        count(is_inside_deadline) as deadline_count,
        count(*) filter (where is_inside_deadline) as inside_deadline_count,
        count(*) filter (where is_inside_deadline) / nullif(count(is_inside_deadline), 0)
            as inside_deadline_rate,
        business_date,
    from steps
    where step_seconds is not null
    group by all
)

select * from final
