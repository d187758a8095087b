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
        'int_disputes_current': 'judged_date',
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

events as (
    select
        claims.merchant_id,
        claims.source,
        claims.applied_date as business_date,
        1 as claims,
        cast(claims.is_disputed as integer) as disputed_claims,
    from {{ affected_rows(ref('fct_claims'), 'applied_date') }} as claims
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
        apply_to_end_seconds as refund_only_seconds,
    from {{ affected_rows(ref('fct_claims'), 'ended_date') }}
    where
        claim_type in (1, 2)
        and is_refunded
        and not is_compensation
        and apply_to_end_seconds is not null
        and not is_exempt
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
