-- The effects of signing a right; the answer right_impact says what they mean.
create table base.right_impact as
with

signed as (
    select
        right_code,
        number(merchant_id) as merchant_id,
        min((enrolled_at + interval 8 hour)::date) as signed_date,
        date_trunc('month', signed_date)::date as cohort,
    from final.right_enrolments
    group by all
),

claim_days as (
    select
        claims.merchant_id,
        claims.applied_date as day,
        count(*) as claims,
        count(*) filter (where claims.is_disputed) as disputed,
    from base.claims
    where claims.merchant_id is not null
    group by all
),

months as (
    select
        merchant_id,
        date_trunc('month', day)::date as month,
        indicator as outcome,
        sum(numerator)::bigint as numerator,
        sum(denominator)::bigint as denominator,
    from base.score_events
    where indicator in ('paid_orders', 'complaint_rate', 'quality_return_rate')
    group by all
    union all
    select
        merchant_id,
        date_trunc('month', day)::date,
        'dispute_rate',
        sum(disputed)::bigint,
        sum(claims)::bigint,
    from claim_days
    group by all
),

cohorts as (
    select distinct cohort
    from signed
    cross join truth.parameters
    where
        last_day(cohort + interval 3 month) + 14 <= to_date
        and cohort - interval 3 month >= (
            select min(month) from months
            where outcome = 'paid_orders'
        )
),

spans as (
    select
        cohorts.cohort,
        months.merchant_id,
        months.outcome,
        sum(numerator) filter (where month < cohort) as numerator_before,
        sum(denominator) filter (where month < cohort) as denominator_before,
        sum(numerator) filter (where month > cohort) as numerator_after,
        sum(denominator) filter (where month > cohort) as denominator_after,
    from months
    inner join cohorts
        on months.month >= cohorts.cohort - interval 3 month
        and months.month <= cohorts.cohort + interval 3 month
    group by all
),

partakers as (
    select
        cohort,
        merchant_id,
    from spans
    where outcome = 'paid_orders' and denominator_before >= 30 and denominator_after >= 30
),

changes as (
    select
        cohort,
        merchant_id,
        outcome,
        if(
            outcome = 'paid_orders',
            numerator_after * 1000000 // numerator_before - 1000000,
            numerator_after * 1000000 // denominator_after
            - numerator_before * 1000000 // denominator_before
        )::bigint as change,
    from spans
    where denominator_before >= 30 and denominator_after >= 30
    union all
    select
        partakers.cohort,
        partakers.merchant_id,
        'score',
        (later.points - sooner.points) * 10000,
    from partakers
    inner join base.merchant_scores as sooner
        on partakers.merchant_id = sooner.merchant_id and partakers.cohort - 1 = sooner.day
    inner join base.merchant_scores as later
        on partakers.merchant_id = later.merchant_id
        and last_day(partakers.cohort + interval 3 month) = later.day
    where sooner.points is not null and later.points is not null
),

compared as (
    select
        rights.right_code,
        changes.cohort,
        changes.outcome,
        changes.change,
        coalesce(signed.cohort = changes.cohort, false) as is_signed,
    from changes
    semi join partakers
        on changes.cohort = partakers.cohort and changes.merchant_id = partakers.merchant_id
    cross join (select distinct right_code from signed) as rights
    left join signed
        on rights.right_code = signed.right_code and changes.merchant_id = signed.merchant_id
    where
        is_signed
        or signed.signed_date is null
        or signed.signed_date > last_day(changes.cohort + interval 3 month)
),

peers as (
    select
        right_code,
        cohort,
        outcome,
        count(*) as peer_count,
        round(sum(change) / peer_count)::bigint as peer_change,
    from compared
    where not is_signed
    group by all
),

differences as (
    select
        compared.right_code,
        compared.outcome,
        compared.change,
        peers.peer_change,
        (compared.change - peers.peer_change)::hugeint as difference,
        peers.peer_count,
    from compared
    inner join peers using (right_code, cohort, outcome)
    where compared.is_signed and peers.peer_count >= 10
),

estimated as (
    select
        right_code,
        outcome,
        count(*) as compared_merchant_count,
        min(peer_count) as fewest_peer_count,
        sum(change) / 1000000 / count(*) as signed_change,
        sum(peer_change) / 1000000 / count(*) as peer_change,
        sum(difference) / 1000000 / count(*) as effect,
        sqrt(
            greatest(count(*) * sum(difference * difference) - sum(difference) * sum(difference), 0)
            / nullif(count(*) - 1, 0)
        ) / count(*) / 1000000 as standard_error,
    from differences
    group by all
),

outcomes (outcome) as (
    values ('paid_orders'), ('complaint_rate'), ('quality_return_rate'), ('dispute_rate'), ('score')
)

select
    signers.right_code,
    outcomes.outcome,
    signers.signed_merchant_count,
    coalesce(estimated.compared_merchant_count, 0) as compared_merchant_count,
    coalesce(estimated.fewest_peer_count, 0) as fewest_peer_count,
    estimated.signed_change,
    estimated.peer_change,
    if(compared_merchant_count >= 10, estimated.effect, null) as effect,
    if(compared_merchant_count >= 10, estimated.standard_error, null) as standard_error,
from (
    select
        right_code,
        count(*) as signed_merchant_count,
    from signed
    group by all
) as signers
cross join outcomes
left join estimated
    on signers.right_code = estimated.right_code and outcomes.outcome = estimated.outcome;
