{{ restate(
    by='claim_id',
    images=['order_id'],
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

receipts as (
    select
        order_id,
        max(received_at) as received_at,
    from order_lines
    group by order_id
),

right_rules as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by right_code order by valid_from), date '9999-12-31'
        ) as valid_to,
    from {{ ref('right_rules') }}
),

categories as (
    select * from {{ ref('categories') }}
),

judged as (
    select
        claims.*,
        orders.merchant_id,
        order_lines.product_id,
        order_lines.session_id,
        coalesce(order_lines.category_id, 'uncategorised') as category_id,
        coalesce(order_lines.channel, 'unknown') as channel,
        orders.paid_date,
        orders.paid_at,
        case when claims.refund_status = 3 then claims.refunded_at end as succeeded_at,
        right_rules.is_active as is_right_active,
        case right_rules.category_scope
            when 'fresh' then coalesce(categories.has_fresh_right, false)
            when 'beauty' then coalesce(categories.has_allergy_right, false)
            else true
        end as is_in_scope,
        case right_rules.window_anchor
            when 'receipt' then coalesce(order_lines.received_at, receipts.received_at)
            when 'payment' then orders.paid_at
            when 'approval' then claims.approved_at
        end as window_starts_at,
        case right_rules.window_unit
            when 'hour' then to_hours(cast(right_rules.window_value as bigint))
            when 'day' then to_days(cast(right_rules.window_value as integer))
        end as window_length,
    from claims
    left join orders on claims.order_id = orders.order_id
    left join order_lines
        on claims.order_id = order_lines.order_id
        and claims.line_id = order_lines.line_id
    left join receipts on claims.order_id = receipts.order_id
    left join right_rules
        on claims.right_code = right_rules.right_code
        and orders.paid_date >= right_rules.valid_from
        and orders.paid_date < right_rules.valid_to
    left join categories on order_lines.category_id = categories.category_id
    where
        claims.order_id is null
        or (
            orders.order_id is not null
            and (claims.line_id is null or order_lines.line_id is not null)
        )
),

final as (
    select
        claim_id,
        order_id,
        line_id,
        product_id,
        merchant_id,
        session_id,
        customer_key,
        source,
        currency_code,
        channel,
        category_id,
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
        coalesce(refund_status = 3, false) as is_refunded,
        right_code is not null
        and (coalesce(refund_status = 3, false) or (claim_type in (3, 7, 8) and claim_status = 14))
            as is_served,
        applied_at <= window_starts_at + window_length as is_inside_window,
        case
            when right_code is not null
                then
                    coalesce(is_right_active, false)
                    and is_in_scope
                    and coalesce(applied_at <= window_starts_at + window_length, true)
        end as is_eligible,
        paid_date,
        applied_date,
        case when refund_status = 3 then refunded_date end as refunded_date,
        paid_at,
        applied_at,
        approved_at,
        return_received_at,
        succeeded_at as refunded_at,
        ended_at,
        deadline_at,
        window_starts_at + window_length as window_ends_at,
    from judged
)

select * from final
