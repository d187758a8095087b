-- What the merchant experience score is made from, in windows of 30 days.
-- Grain: one row per merchant, last day of the window (month ends, and the data's last day) and
-- indicator, where the denominator is not 0.
-- For: merchants.agg_merchant_scores_daily. Windows include their last day, all dates are business
-- dates. Exempt claims, and disputes about them, leave numerator and denominator. paid_orders:
-- orders paid in the window. bad_review_rate: reviewed orders with a bad review / orders reviewed
-- in the window. quality_return_rate: orders paid in the window with a claim for one of the five
-- quality reasons applied for within 14 days of payment, later withdrawn or not / orders paid.
-- complaint_rate: orders paid in the window and complained about within 14 days of payment / orders
-- paid. Both are mature when 14 days have passed for the whole window. pickup_on_time_rate and
-- delivery_on_time_rate: shipments done no later than due / due in the window. merchant_blame_rate:
-- judged with blame 1 / judged in the window. reply_within_3_minutes_rate: first reply within 180 s
-- / conversations started in the window. refund_only_hours: seconds from application to end /
-- successful claims of type 1 and 2 ended in the window. return_refund_hours: seconds from receipt
-- of the return to refund / claims of type 0 refunded in the window. deduction_points: points of
-- violations in the window (numerator), violations (denominator).
with

days as (
    select
        ends.end_date,
        ends.end_date - days.number::integer as day,
    from base.window_ends as ends
    cross join range(30) as days (number)
),

claimed as (
    select
        claims.order_id,
        min(claims.applied_at) as first_applied_at,
    from base.claims
    where
        claims.reason in (select reason from base.quality_reasons)
        and claims.is_exempt is not true
    group by all
),

complained as (
    select
        number(complaints.order_id) as order_id,
        min(complained_at) as first_complained_at,
    from final.complaints as complaints
    group by all
),

paid as (
    select
        orders.merchant_id,
        orders.paid_date as day,
        count(*) as orders,
        count(*) filter (where claimed.first_applied_at <= orders.paid_at + interval 14 day)
            as quality_orders,
        count(*) filter (
            where complained.first_complained_at <= orders.paid_at + interval 14 day
        ) as complained_orders,
    from base.orders
    left join claimed on orders.order_id = claimed.order_id
    left join complained on orders.order_id = complained.order_id
    where orders.paid_date is not null
    group by all
),

reviewed as (
    select
        orders.merchant_id,
        days.end_date,
        count(distinct orders.order_id) as orders,
        count(distinct orders.order_id) filter (where reviews.review_level = 'bad')
            as bad_orders,
    from final.reviews as reviews
    inner join base.orders on number(reviews.order_id) = orders.order_id
    inner join days on (reviews.reviewed_at + interval 8 hour)::date = days.day
    group by all
),

events as (
    select
        orders.merchant_id,
        (shipments.pickup_due_at + interval 8 hour)::date as day,
        'pickup_on_time_rate' as indicator,
        count(*) filter (where shipments.picked_up_at <= shipments.pickup_due_at) as numerator,
        count(*) as denominator,
    from final.shipments as shipments
    inner join base.orders on number(shipments.order_id) = orders.order_id
    where shipments.pickup_due_at is not null
    group by all
    union all
    select
        orders.merchant_id,
        (shipments.delivery_due_at + interval 8 hour)::date,
        'delivery_on_time_rate',
        count(*) filter (where shipments.delivered_at <= shipments.delivery_due_at),
        count(*),
    from final.shipments as shipments
    inner join base.orders on number(shipments.order_id) = orders.order_id
    where shipments.delivery_due_at is not null
    group by all
    union all
    select
        claims.merchant_id,
        (disputes.judged_at + interval 8 hour)::date,
        'merchant_blame_rate',
        count(*) filter (where disputes.blame = 1),
        count(*),
    from final.disputes as disputes
    inner join base.claims on number(disputes.claim_id) = claims.claim_id
    where disputes.judged_at is not null and claims.is_exempt is not true
    group by all
    union all
    select
        number(conversations.merchant_id),
        (started_at + interval 8 hour)::date,
        'reply_within_3_minutes_rate',
        count(*) filter (where first_replied_at <= started_at + interval 180 second),
        count(*),
    from final.service_conversations as conversations
    group by all
    union all
    select
        merchant_id,
        (ended_at + interval 8 hour)::date,
        'refund_only_hours',
        sum(date_sub('second', applied_at, ended_at)),
        count(*),
    from base.claims
    where
        claim_type in (1, 2)
        and is_refunded
        and ended_at is not null
        and is_exempt is not true
    group by all
    union all
    select
        merchant_id,
        refunded_date,
        'return_refund_hours',
        sum(return_to_refund_seconds),
        count(*),
    from base.claims
    where
        claim_type = 0
        and return_to_refund_seconds is not null
        and is_exempt is not true
    group by all
    union all
    select
        number(violations.merchant_id),
        (violated_at + interval 8 hour)::date,
        'deduction_points',
        sum(points),
        count(*),
    from final.violations as violations
    group by all
    union all
    select
        merchant_id,
        day,
        unnest(['paid_orders', 'quality_return_rate', 'complaint_rate']),
        unnest([orders, quality_orders, complained_orders]),
        orders,
    from paid
),

summed as (
    select
        events.merchant_id,
        days.end_date,
        events.indicator,
        sum(events.numerator)::bigint as numerator,
        sum(events.denominator)::bigint as denominator,
    from events
    inner join days on events.day = days.day
    group by all
    union all
    select
        merchant_id,
        end_date,
        'bad_review_rate',
        bad_orders,
        orders,
    from reviewed
)

select
    summed.merchant_id::varchar as merchant_id,
    summed.end_date,
    summed.indicator,
    summed.numerator,
    summed.denominator,
    summed.indicator not in ('quality_return_rate', 'complaint_rate')
    or summed.end_date + 14 <= parameters.to_date as is_mature,
from summed
cross join truth.parameters
where summed.merchant_id is not null
order by merchant_id, end_date, indicator
