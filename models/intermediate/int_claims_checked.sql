{{ restate(
    by='claim_id',
    affected_by={
        'int_claims_current': 'claim_id',
        'int_orders_current':
            'select claim_id from changes inner join int_claims_current using (order_id)',
        'int_right_enrolments_current':
            'select claims.claim_id
            from changes
            inner join int_orders_current as orders on changes.merchant_id = orders.merchant_id
            inner join int_claims_current as claims
                on orders.order_id = claims.order_id and changes.right_code = claims.right_code',
        'int_disputes_current': 'claim_id',
    },
    recompute=requested_rows('int_claims_current', 'claim_id', 'applied_at'),
) }}
-- One row per after-sale claim with what stands beside it: whether its merchant took part in the
-- right when the order was paid, and whether the platform was called.
with
claims as (
    select * from {{ affected_rows(ref('int_claims_current'), 'claim_id') }}
),

orders as (
    select * from {{ ref('int_orders_current') }}
),

enrolments as (
    select * from {{ ref('int_right_enrolments_current') }}
),

enrolled_claims as (
    select distinct claims.claim_id
    from claims
    inner join orders on claims.order_id = orders.order_id
    inner join enrolments
        on orders.merchant_id = enrolments.merchant_id
        and claims.right_code = enrolments.right_code
        and orders.paid_at >= enrolments.enrolled_at
        and (orders.paid_at < enrolments.ended_at or enrolments.ended_at is null)
),

disputed_claims as (
    select distinct claim_id
    from {{ affected_rows(ref('int_disputes_current'), 'claim_id') }}
    where dispute_status <> 0
),

final as (
    select
        claims.claim_id,
        enrolled_claims.claim_id is not null as is_enrolled,
        disputed_claims.claim_id is not null as is_disputed,
    from claims
    left join enrolled_claims on claims.claim_id = enrolled_claims.claim_id
    left join disputed_claims on claims.claim_id = disputed_claims.claim_id
)

select * from final
