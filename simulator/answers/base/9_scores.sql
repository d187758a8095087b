-- What the scores are made from, and the merchants' scores on the days that are asked for: ends of
-- windows, and the days of the last three windows, whose sales the creators' scores weigh.
create table base.score_events as
with

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
        number(reviews.order_id) as order_id,
        min((reviews.reviewed_at + interval 8 hour)::date) as day,
        bool_or(reviews.review_level = 'bad') as is_bad,
    from final.reviews as reviews
    group by all
),

events as (
    select
        orders.merchant_id,
        reviewed.day,
        'bad_review_rate' as indicator,
        count(*) filter (where reviewed.is_bad) as numerator,
        count(*) as denominator,
    from reviewed
    inner join base.orders on reviewed.order_id = orders.order_id
    group by all
    union all
    select
        orders.merchant_id,
        (shipments.pickup_due_at + interval 8 hour)::date,
        'pickup_on_time_rate',
        count(*) filter (where shipments.picked_up_at <= shipments.pickup_due_at),
        count(*),
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
        and not is_compensation
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
)

select
    events.merchant_id,
    events.day,
    events.indicator,
    sum(events.numerator)::bigint as numerator,
    sum(events.denominator)::bigint as denominator,
from events
where events.merchant_id is not null
group by all;

create table base.last_ends as
select end_date
from base.window_ends
order by end_date desc
limit 3;

create table base.score_windows as
with

asked as (
    select end_date as day
    from base.window_ends
    union
    select ends.end_date - days.number::integer
    from base.last_ends as ends
    cross join range(30) as days (number)
),

laid_out as (
    select
        merchant_id,
        indicator,
        day,
        numerator,
        denominator,
        false as is_asked,
    from base.score_events
    union all
    select
        pairs.merchant_id,
        pairs.indicator,
        asked.day,
        0,
        0,
        true,
    from (select distinct merchant_id, indicator from base.score_events) as pairs
    cross join asked
),

summed as (
    select
        merchant_id,
        indicator,
        day,
        is_asked,
        sum(numerator) over last_30_days as numerator,
        sum(denominator) over last_30_days as denominator,
    from laid_out
    window last_30_days as (
        partition by merchant_id, indicator
        order by day
        range between interval 29 day preceding and current row
    )
)

select
    merchant_id,
    indicator,
    day,
    numerator::bigint as numerator,
    denominator::bigint as denominator,
from summed
where is_asked and denominator > 0;

-- Rules with whole numbers: values as millionths, or as seconds for hours, or as hundredths for a
-- score; weights as ten-thousandths.
create table base.score_rules as
select
    score,
    valid_from,
    component,
    indicator,
    case
        when indicator like '%\_hours' escape '\' then 3600
        when indicator like '%\_score' escape '\' then 100
        else 1000000
    end as unit,
    if(direction = 'higher', -1, 1) as sign,
    (at_100 * unit)::decimal(18, 0)::hugeint as full_points,
    (at_60 * unit)::decimal(18, 0)::hugeint as enough_points,
    (at_0 * unit)::decimal(18, 0)::hugeint as no_points,
    (indicator_weight * 10000)::decimal(18, 0)::bigint as indicator_weight,
    (component_weight * 10000)::decimal(18, 0)::bigint as component_weight,
    min_sample,
from read_csv(
    getvariable('seeds') || '/score_parameters.csv',
    types = {
        'valid_from': 'date',
        'at_100': 'decimal(18, 6)',
        'at_60': 'decimal(18, 6)',
        'at_0': 'decimal(18, 6)',
        'indicator_weight': 'decimal(18, 4)',
        'component_weight': 'decimal(18, 4)'
    }
)
where valid_from = (
    select max(valid_from)
    from read_csv(getvariable('seeds') || '/score_parameters.csv', types = {'valid_from': 'date'})
);

-- Rounded half up; and the score of a value = numerator / denominator in hundredths of a point.
create or replace temp macro half_up(dividend, divisor) as
    ((2 * dividend::hugeint + divisor::hugeint) // (2 * divisor::hugeint))::bigint;
create or replace temp macro scored(sign, full_points, enough_points, no_points, value, size) as
    case
        when sign * value <= sign * full_points * size then 10000
        when sign * value <= sign * enough_points * size
            then
                6000 + half_up(
                    4000 * sign * (enough_points * size - value),
                    sign * (enough_points - full_points) * size
                )
        when sign * value < sign * no_points * size
            then half_up(
                6000 * sign * (no_points * size - value), sign * (no_points - enough_points) * size
            )
        else 0
    end;

create table base.merchant_scores as
with

indicators as (
    select
        windows.merchant_id,
        windows.day,
        rules.component,
        rules.component_weight,
        rules.indicator_weight,
        scored(
            rules.sign,
            rules.full_points,
            rules.enough_points,
            rules.no_points,
            windows.numerator::hugeint * if(rules.unit = 3600, 1, rules.unit),
            windows.denominator
        ) as points,
    from base.score_windows as windows
    inner join base.score_rules as rules
        on windows.indicator = rules.indicator and rules.score = 'merchant'
    where rules.component <> 'score' and windows.denominator >= rules.min_sample
),

components as (
    select
        merchant_id,
        day,
        component,
        component_weight,
        half_up(sum(points * indicator_weight), sum(indicator_weight)) as points,
    from indicators
    group by all
),

sums as (
    select
        merchant_id,
        day,
        max(points) filter (where component = 'goods') as goods_points,
        max(points) filter (where component = 'logistics') as logistics_points,
        max(points) filter (where component = 'service') as service_points,
        half_up(sum(points * component_weight), sum(component_weight)) as points,
    from components
    group by all
),

judged as (
    select
        merchant_id,
        day,
        coalesce(max(denominator) filter (where indicator = 'paid_orders'), 0) as paid_orders,
        coalesce(max(numerator) filter (where indicator = 'deduction_points'), 0)
            as deduction_points,
    from base.score_windows
    group by all
)

select
    judged.merchant_id,
    judged.day,
    judged.paid_orders,
    judged.deduction_points,
    sums.goods_points,
    sums.logistics_points,
    sums.service_points,
    if(
        judged.paid_orders < rules.min_sample,
        null,
        greatest(sums.points - 100 * judged.deduction_points, 0)
    ) as points,
from judged
left join sums on judged.merchant_id = sums.merchant_id and judged.day = sums.day
cross join base.score_rules as rules
where rules.score = 'merchant' and rules.component = 'score';

-- What creators sold in the windows, what of it was complained about and what came back.
create table base.creator_windows as
with

returned as (
    select distinct
        line_id,
        currency_code,
    from base.refunds
    where claim_type = 0 and line_id is not null
),

complained as (
    select
        number(complaints.order_id) as order_id,
        number(complaints.creator_id) as creator_id,
        min(complained_at) as first_complained_at,
    from final.complaints as complaints
    group by all
),

complained_orders as (
    select
        lines.order_id,
        lines.creator_id,
    from base.lines
    inner join complained on lines.order_id = complained.order_id
    where
        lines.paid_at is not null
        and lines.creator_id = coalesce(complained.creator_id, lines.creator_id)
        and complained.first_complained_at <= lines.paid_at + interval 14 day
    group by all
),

sold as (
    select
        lines.creator_id,
        lines.order_id,
        lines.paid_date,
        count(*) as lines,
        count(returned.line_id) as returned_lines,
        sum(lines.pay_amount) as gmv,
    from base.lines
    left join returned
        on lines.line_id = returned.line_id and lines.currency_code = returned.currency_code
    where lines.paid_date is not null and lines.creator_id is not null
    group by all
),

daily as (
    select
        sold.creator_id,
        sold.paid_date,
        count(*) as orders,
        count(complained_orders.order_id) as complained_orders,
        sum(sold.lines) as lines,
        sum(sold.returned_lines) as returned_lines,
        sum(sold.gmv) as gmv,
    from sold
    left join complained_orders
        on sold.order_id = complained_orders.order_id
        and sold.creator_id = complained_orders.creator_id
    group by all
)

select
    daily.creator_id,
    ends.end_date,
    sum(daily.orders)::bigint as orders,
    sum(daily.complained_orders)::bigint as complained_orders,
    sum(daily.lines)::bigint as lines,
    sum(daily.returned_lines)::bigint as returned_lines,
    sum(daily.gmv)::hugeint as gmv,
from daily
inner join base.window_ends as ends
    on daily.paid_date > ends.end_date - 30 and daily.paid_date <= ends.end_date
group by all;
