-- Handling times of claims.
-- Grain: one row per business date on which the step ended, right (`none` without one) and measure.
-- For: claims.agg_claim_handling_daily. Measures: apply_to_approve (by the day of approval),
-- approve_to_refund, apply_to_refund and return_to_refund (by the day of the successful refund) and
-- apply_to_end (by the day of the end).
-- p50 and p90 are nearest-rank percentiles: the smallest time in whole seconds that at least that
-- share of the claims does not exceed. Approvals of rights with response hours have a deadline: those
-- hours after the application, to the second.
with

steps as (
    select
        'apply_to_approve' as measure,
        approved_date as business_date,
        right_code,
        apply_to_approve_seconds as seconds,
        is_inside_deadline,
    from base.claims
    union all
    select
        'approve_to_refund',
        refunded_date,
        right_code,
        approve_to_refund_seconds,
        null,
    from base.claims
    union all
    select
        'apply_to_refund',
        refunded_date,
        right_code,
        apply_to_refund_seconds,
        null,
    from base.claims
    union all
    select
        'return_to_refund',
        refunded_date,
        right_code,
        return_to_refund_seconds,
        null,
    from base.claims
    union all
    select
        'apply_to_end',
        ended_date,
        right_code,
        apply_to_end_seconds,
        null,
    from base.claims
)

select
    business_date,
    coalesce(right_code, 'none') as right_code,
    measure,
    count(*) as claim_count,
    sum(seconds)::bigint as total_seconds,
    quantile_disc(seconds, 0.5) as p50_seconds,
    quantile_disc(seconds, 0.9) as p90_seconds,
    count(is_inside_deadline) as deadline_count,
    count(*) filter (where is_inside_deadline) as inside_deadline_count,
    inside_deadline_count / nullif(deadline_count, 0) as inside_deadline_rate,
from steps
where seconds is not null
group by all
order by business_date, right_code, measure
