{{ restate(
    by='claim_id',
    images=[
        'order_id', 'paid_date', 'applied_date', 'approved_date', 'refunded_date', 'served_date',
        'ended_date',
    ],
    affected_by={
        'int_claims_current': 'claim_id',
        'int_claims_checked': 'claim_id',
        'fct_orders': 'select claim_id from changes inner join int_claims_current using (order_id)',
        'fct_order_lines':
            'select claim_id from changes inner join int_claims_current using (order_id)',
    },
    recompute=requested_rows('int_claims_current', 'claim_id', 'applied_at'),
) }}
-- One row per after-sale claim whose order (and line, when it names one) has arrived; a claim
-- without a link to a sale stands alone. The right's rule in force when the order was paid
-- judges the claim, and its window runs from the right's own anchor.
with
claims as (
    select * from {{ affected_rows(ref('int_claims_current'), 'claim_id') }}
),

checked as (
    select * from {{ affected_rows(ref('int_claims_checked'), 'claim_id') }}
),

claimed_orders as (
    select distinct order_id
    from claims
    where order_id is not null
),

orders as (
    select * from {{ rows_among(ref('fct_orders'), 'order_id', 'claimed_orders') }}
),

order_lines as (
    select * from {{ rows_among(ref('fct_order_lines'), 'order_id', 'claimed_orders') }}
),

categories as (
    select * from {{ ref('categories') }}
),

claimed_lines as (
    select
        claims.claim_id,
        {{ the_only('order_lines.product_id') }} as product_id,
        {{ the_only('order_lines.session_id') }} as session_id,
        {{ the_only('order_lines.category_id') }} as category_id,
        {{ the_only('order_lines.channel') }} as channel,
        case
            when bool_and(order_lines.received_at is not null) then max(order_lines.received_at)
        end as received_at,
        bool_or(categories.has_fresh_right) as has_fresh_right,
        bool_or(categories.has_allergy_right) as has_allergy_right,
        bool_or(coalesce(categories.no_reason_return, 'unknown') <> 'no') as is_returnable,
    from claims
    inner join order_lines on claims.order_id = order_lines.order_id
    left join categories on order_lines.category_id = categories.category_id
    where claims.line_id is null or claims.line_id = order_lines.line_id
    group by claims.claim_id
),

quality_reasons as (
    select * from {{ ref('quality_reasons') }}
),

right_rules as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by right_code order by valid_from), date '9999-12-31'
        ) as valid_to,
    from {{ ref('right_rules') }}
),

judged as (
    select
        claims.*,
        orders.merchant_id,
        claimed_lines.product_id,
        claimed_lines.session_id,
        coalesce(claimed_lines.category_id, 'uncategorised') as category_id,
        coalesce(claimed_lines.channel, 'unknown') as channel,
        orders.paid_date,
        orders.paid_at,
        case when claims.refund_status = 3 then claims.refunded_at end as succeeded_at,
        coalesce(claims.refund_status = 3, false) as is_refunded,
        claims.right_code is not null
        and (
            coalesce(claims.refund_status = 3, false)
            or (claims.claim_type in (3, 7, 8) and claims.claim_status = 14)
        ) as is_served,
        not coalesce(right_rules.includes_refund, true)
        and coalesce(claims.claim_type <> 0, true) as is_compensation,
        case
            when claims.right_code is not null and orders.paid_at is not null
                then coalesce(checked.is_enrolled, false)
        end as is_enrolled,
        coalesce(checked.is_disputed, false) as is_disputed,
        claims.approved_at <= claims.applied_at + to_hours(nullif(right_rules.response_hours, 0))
            as is_inside_deadline,
        coalesce(claims.reason in (select reasons.reason from quality_reasons as reasons), false)
            as is_quality_reason,
        coalesce(right_rules.is_active, false)
        and case right_rules.category_scope
            when 'fresh' then coalesce(claimed_lines.has_fresh_right, false)
            when 'beauty' then coalesce(claimed_lines.has_allergy_right, false)
            when 'returnable' then coalesce(claimed_lines.is_returnable, true)
            else right_rules.category_scope = 'all'
        end as is_covered,
        right_rules.window_value is null
        or (right_rules.window_anchor = 'shipment' and orders.shipped_at is null) as is_untimed,
        {{ window_end(
            'right_rules', 'claimed_lines.received_at', 'orders.paid_at', 'claims.approved_at',
            'orders.shipped_at'
        ) }} as window_ends_at,
    from claims
    left join checked on claims.claim_id = checked.claim_id
    left join orders on claims.order_id = orders.order_id
    left join claimed_lines on claims.claim_id = claimed_lines.claim_id
    left join right_rules
        on claims.right_code = right_rules.right_code
        and orders.paid_date >= right_rules.valid_from
        and orders.paid_date < right_rules.valid_to
    where
        claims.order_id is null
        or (
            orders.order_id is not null
            and (claims.line_id is null or claimed_lines.claim_id is not null)
        )
),

final as (
    select
        claim_id,
        order_id,
        line_id,
        product_id,
        category_id,
        merchant_id,
        session_id,
        customer_key,
        source,
        currency_code,
        channel,
        right_code,
        reason,
        claim_type,
        claim_status,
        refund_status,
        applied_amount,
        case when is_refunded then refund_amount end as refund_amount,
        date_sub('second', paid_at, applied_at) as pay_to_apply_seconds,
        {{ seconds_between('applied_at', 'approved_at') }} as apply_to_approve_seconds,
        {{ seconds_between('approved_at', 'succeeded_at') }} as approve_to_refund_seconds,
        {{ seconds_between('applied_at', 'succeeded_at') }} as apply_to_refund_seconds,
        {{ seconds_between('return_received_at', 'succeeded_at') }} as return_to_refund_seconds,
        {{ seconds_between('applied_at', 'ended_at') }} as apply_to_end_seconds,
        is_refunded,
        is_served,
        is_compensation,
        claim_status in (27, 29) as is_refused,
        claim_status = 28 as is_failed,
        is_disputed,
        coalesce(is_exempt, false) as is_exempt,
        is_quality_reason,
        coalesce(applied_at <= paid_at + interval 2 hour, false) as is_impulse,
        is_enrolled,
        is_inside_deadline,
        applied_at <= window_ends_at as is_inside_window,
        case
            when right_code is null or paid_date is null then null
            when not is_untimed and window_ends_at is null then null
            when not is_covered then false
            when is_untimed then true
            else applied_at <= window_ends_at
        end as is_eligible,
        paid_date,
        applied_date,
        approved_date,
        case when is_refunded then refunded_date end as refunded_date,
        case
            when is_served and is_refunded then refunded_date
            when is_served then coalesce(ended_date, applied_date)
        end as served_date,
        ended_date,
        paid_at,
        applied_at,
        approved_at,
        return_received_at,
        succeeded_at as refunded_at,
        ended_at,
        deadline_at,
        window_ends_at,
    from judged
)

select * from final
{{ clustered_by('applied_date') }}
