{{ restate(
    by='business_date',
    images=['right_code'],
    affected_by={
        'fct_claims': 'select applied_date from changes union all select served_date from changes',
    },
) }}
-- One row per business date, right (`none` without one) and currency with a claim applied for or
-- served. What is said of applied claims stands on the day of the application, what is said of
-- served ones on the day of the service.
with
applied as (
    select
        applied_date as business_date,
        coalesce(right_code, 'none') as right_code,
        currency_code,
        count(*) as applied_count,
        count(*) filter (where is_eligible) as eligible_count,
        count(*) filter (where is_enrolled) as enrolled_count,
        count(*) filter (where is_refused) as refused_count,
        count(*) filter (where is_failed) as failed_count,
        count(*) filter (where is_disputed) as disputed_count,
    from {{ affected_rows(ref('fct_claims'), 'applied_date') }}
    group by all
),

served as (
    select
        served_date as business_date,
        right_code,
        currency_code,
        count(*) as served_count,
        count(*) filter (where is_eligible) as eligible_served_count,
        sum(refund_amount) as served_amount,
    from {{ affected_rows(ref('fct_claims'), 'served_date') }}
    where is_served
    group by all
),

final as (
    select
        right_code,
        currency_code,
        cast(coalesce(applied.applied_count, 0) as bigint) as applied_count,
        cast(coalesce(applied.eligible_count, 0) as bigint) as eligible_count,
        cast(coalesce(applied.enrolled_count, 0) as bigint) as enrolled_count,
        cast(coalesce(applied.refused_count, 0) as bigint) as refused_count,
        cast(coalesce(applied.failed_count, 0) as bigint) as failed_count,
        cast(coalesce(applied.disputed_count, 0) as bigint) as disputed_count,
        cast(coalesce(served.served_count, 0) as bigint) as served_count,
        cast(coalesce(served.eligible_served_count, 0) as bigint) as eligible_served_count,
        cast(coalesce(served.served_amount, 0) as decimal(18, 2)) as served_amount,
        applied.refused_count / applied.applied_count as refusal_rate,
        applied.disputed_count / applied.applied_count as dispute_rate,
        business_date,
    from applied
    full outer join served using (business_date, right_code, currency_code)
)

select * from final
