{{ restate(
    by='claim_id',
    images=['order_id', 'paid_date', 'applied_date', 'refunded_date', 'ended_date'],
    affected_by={
        'int_claims_current': 'claim_id',
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

claimed_orders as (
    select distinct order_id
    from claims
    where order_id is not null
),

orders as (
    select fct_orders.*
    from claimed_orders
    inner join {{ ref('fct_orders') }} as fct_orders
        on claimed_orders.order_id = fct_orders.order_id
),

order_lines as (
    select fct_order_lines.*
    from claimed_orders
    inner join {{ ref('fct_order_lines') }} as fct_order_lines
        on claimed_orders.order_id = fct_order_lines.order_id
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
        max(order_lines.received_at) as received_at,
        bool_or(categories.has_fresh_right) as has_fresh_right,
        bool_or(categories.has_allergy_right) as has_allergy_right,
        bool_or(categories.no_reason_return <> 'no') as is_returnable,
    from claims
    inner join order_lines on claims.order_id = order_lines.order_id
    left join categories on order_lines.category_id = categories.category_id
    where claims.line_id is null or claims.line_id = order_lines.line_id
    group by claims.claim_id
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
        coalesce(right_rules.is_active, false)
        and case right_rules.category_scope
            when 'fresh' then coalesce(claimed_lines.has_fresh_right, false)
            when 'beauty' then coalesce(claimed_lines.has_allergy_right, false)
            when 'returnable' then coalesce(claimed_lines.is_returnable, false)
            else true
        end as is_covered,
        right_rules.window_value is null as is_untimed,
        {{ window_end(
            'right_rules', 'claimed_lines.received_at', 'orders.paid_at', 'claims.approved_at'
        ) }} as window_ends_at,
    from claims
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
        case when refund_status = 3 then refund_amount end as refund_amount,
        date_sub('second', applied_at, approved_at) as apply_to_approve_seconds,
        date_sub('second', approved_at, succeeded_at) as approve_to_refund_seconds,
        date_sub('second', applied_at, succeeded_at) as apply_to_refund_seconds,
        date_sub('second', return_received_at, succeeded_at) as return_to_refund_seconds,
        coalesce(is_exempt, false) as is_exempt,
        coalesce(refund_status = 3, false) as is_refunded,
        right_code is not null
        and (coalesce(refund_status = 3, false) or (claim_type in (3, 7, 8) and claim_status = 14))
            as is_served,
        applied_at <= window_ends_at as is_inside_window,
        case
            when right_code is null then null
            when not is_covered then false
            when is_untimed then true
            else applied_at <= window_ends_at
        end as is_eligible,
        paid_date,
        applied_date,
        case when refund_status = 3 then refunded_date end as refunded_date,
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
