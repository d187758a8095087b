with claimed_lines as (
    select
        claims.claim_id,
        case when min(product_id) = max(product_id) and count(product_id) = count(*)
            then min(product_id) end as product_id,
        case when min(session_id) = max(session_id) and count(session_id) = count(*)
            then min(session_id) end as session_id,
        case when min(category_id) = max(category_id) and count(category_id) = count(*)
            then min(category_id) end as category_id,
        case when min(channel) = max(channel) and count(channel) = count(*)
            then min(channel) end as channel,
        case when bool_and(lines.received_at is not null) then max(lines.received_at) end
            as received_at,
        coalesce(bool_or(has_fresh_right), false) as has_fresh_right,
        coalesce(bool_or(has_allergy_right), false) as has_allergy_right,
        bool_or(coalesce(no_reason_return, 'unknown') <> 'no') as is_returnable
    from claims
    inner join claimed_order_lines as lines on claims.order_id = lines.order_id
    left join warehouse.seeds.categories using (category_id)
    where claims.line_id is null or claims.line_id = lines.line_id
    group by claims.claim_id
),

rules as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by right_code order by valid_from), date '9999-12-31'
        ) as valid_to
    from warehouse.seeds.right_rules
),

judged as (
    select
        claims.*,
        orders.merchant_id, lines.product_id, lines.session_id, lines.category_id, lines.channel,
        orders.paid_date, orders.paid_at,
        coalesce(claims.refund_status = 3, false) as is_refunded,
        case when claims.refund_status = 3 then claims.refunded_at end as succeeded_at,
        coalesce(rules.is_active, false) and case rules.category_scope
            when 'fresh' then coalesce(lines.has_fresh_right, false)
            when 'beauty' then coalesce(lines.has_allergy_right, false)
            when 'returnable' then coalesce(lines.is_returnable, true)
            else rules.category_scope = 'all'
        end as is_covered,
        rules.window_value is null
        or (rules.window_anchor = 'shipment' and orders.shipped_at is null) as is_untimed,
        not coalesce(rules.includes_refund, true) and claims.claim_type <> 0 as is_compensation,
        case rules.window_anchor
            when 'receipt' then lines.received_at
            when 'payment' then orders.paid_at
            when 'approval' then claims.approved_at
            when 'shipment' then orders.shipped_at
        end + case rules.window_unit
            when 'hour' then to_hours(rules.window_value::bigint)
            when 'day' then to_days(rules.window_value::integer)
        end as window_ends_at
    from claims
    left join claimed_orders as orders on claims.order_id = orders.order_id
    left join claimed_lines as lines on claims.claim_id = lines.claim_id
    left join rules
        on claims.right_code = rules.right_code
        and orders.paid_date >= rules.valid_from
        and orders.paid_date < rules.valid_to
    where
        claims.order_id is null
        or (orders.order_id is not null and (claims.line_id is null or lines.claim_id is not null))
)

select
    claim_id, order_id, line_id, product_id,
    coalesce(category_id, 'uncategorised') as category_id,
    merchant_id, session_id, customer_key, source, currency_code,
    coalesce(channel, 'unknown') as channel,
    right_code, reason, claim_type, claim_status, refund_status, applied_amount,
    case when is_refunded then refund_amount end as refund_amount,
    case when approved_at >= applied_at then date_sub('second', applied_at, approved_at) end
        as apply_to_approve_seconds,
    case when succeeded_at >= approved_at then date_sub('second', approved_at, succeeded_at) end
        as approve_to_refund_seconds,
    case when succeeded_at >= applied_at then date_sub('second', applied_at, succeeded_at) end
        as apply_to_refund_seconds,
    case
        when succeeded_at >= return_received_at
            then date_sub('second', return_received_at, succeeded_at)
    end as return_to_refund_seconds,
    is_refunded,
    right_code is not null
    and (is_refunded or (claim_type in (3, 7, 8) and claim_status = 14)) as is_served,
    is_compensation,
    applied_at <= window_ends_at as is_inside_window,
    case
        when right_code is null or paid_date is null then null
        when not is_untimed and window_ends_at is null then null
        when not is_covered then false
        when is_untimed then true
        else applied_at <= window_ends_at
    end as is_eligible,
    paid_date, applied_date,
    case when is_refunded then refunded_date end as refunded_date,
    paid_at, applied_at, approved_at, return_received_at,
    succeeded_at as refunded_at,
    ended_at, deadline_at, window_ends_at
from judged
