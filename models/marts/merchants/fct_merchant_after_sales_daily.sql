{{ restate(
    by='business_date',
    affected_by={
        'fct_claims': '
            select applied_date from changes
            union all
            select ended_date from changes
            union all
            select refunded_date from changes
            union all
            select judged_date from changes inner join int_disputes_current using (claim_id)
        ',
        'int_disputes_current': '
            select judged_date from changes
            union all
            select applied_date from changes inner join fct_claims using (claim_id)
        ',
    },
) }}
-- One row per merchant and business date on which an after-sale of it was applied for, ended,
-- refunded or judged. Exempt after-sales count in claim_count and disputed_claim_count only.
with
judged as (
    select *
    from {{ affected_rows(ref('int_disputes_current'), 'judged_date') }}
    where judged_date is not null
),

disputed_claims as (
    select distinct claim_id from {{ ref('int_disputes_current') }}
),

events as (
    select
        claims.merchant_id,
        claims.source,
        claims.applied_date as business_date,
        1 as claims,
        cast(disputed_claims.claim_id is not null as integer) as disputed_claims,
    from {{ affected_rows(ref('fct_claims'), 'applied_date') }} as claims
    left join disputed_claims on claims.claim_id = disputed_claims.claim_id
    union all by name
    select
        claims.merchant_id,
        claims.source,
        judged.judged_date as business_date,
        1 as judged_disputes,
        cast(coalesce(judged.blame = 1, false) as integer) as merchant_blames,
    from judged
    inner join {{ ref('fct_claims') }} as claims on judged.claim_id = claims.claim_id
    where not claims.is_exempt
    union all by name
    select
        merchant_id,
        source,
        ended_date as business_date,
        1 as refund_only,
        date_sub('second', applied_at, ended_at) as refund_only_seconds,
    from {{ affected_rows(ref('fct_claims'), 'ended_date') }}
    where claim_type in (1, 2) and is_refunded and ended_at is not null and not is_exempt
    union all by name
    select
        merchant_id,
        source,
        refunded_date as business_date,
        1 as return_refunds,
        return_to_refund_seconds as return_refund_seconds,
    from {{ affected_rows(ref('fct_claims'), 'refunded_date') }}
    where claim_type = 0 and return_to_refund_seconds is not null and not is_exempt
),

final as (
    select
        merchant_id,
        source,
        count(claims) as claim_count,
        cast(coalesce(sum(disputed_claims), 0) as bigint) as disputed_claim_count,
        count(judged_disputes) as judged_dispute_count,
        cast(coalesce(sum(merchant_blames), 0) as bigint) as merchant_blame_count,
        count(refund_only) as refund_only_count,
        cast(coalesce(sum(refund_only_seconds), 0) as bigint) as refund_only_seconds,
        count(return_refunds) as return_refund_count,
        cast(coalesce(sum(return_refund_seconds), 0) as bigint) as return_refund_seconds,
        business_date,
    from events
    where merchant_id is not null
    group by merchant_id, source, business_date
)

select * from final
