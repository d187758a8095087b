-- Claims with what they are about, judged by the rule in force on the business date of payment. A
-- claim about a whole order looks at all its lines: it is in scope when any line is, and the goods
-- are received when the last line is; goods of which nothing is known can be returned. Its channel,
-- category and so on are those of its lines if they all have the same.
create table base.claimed as
select
    claims.* replace (
        number(claims.claim_id) as claim_id,
        number(claims.order_id) as order_id,
        number(claims.line_id) as line_id
    ),
    orders.merchant_id,
    orders.paid_at,
    orders.paid_date,
    orders.shipped_at,
from final.claims as claims
left join base.orders on number(claims.order_id) = orders.order_id;

create table base.claim_lines as
select
    claims.claim_id,
    lines.line_id,
    lines.category_id,
    lines.channel,
    lines.session_id,
    lines.product_id,
    lines.received_at,
    lines.pay_amount,
from base.claimed as claims
inner join base.lines on claims.line_id = lines.line_id
union all
select
    claims.claim_id,
    lines.line_id,
    lines.category_id,
    lines.channel,
    lines.session_id,
    lines.product_id,
    lines.received_at,
    lines.pay_amount,
from base.claimed as claims
inner join base.lines on claims.order_id = lines.order_id
where claims.line_id is null;

create table base.claim_subjects as
select
    claim_lines.claim_id,
    case when count(distinct coalesce(category_id, '')) = 1 then min(category_id) end
        as category_id,
    case when count(distinct coalesce(channel, '')) = 1 then min(channel) end as channel,
    case when count(distinct coalesce(session_id, 0)) = 1 then min(session_id) end as session_id,
    case when count(*) = 1 then min(product_id) end as product_id,
    case when bool_and(received_at is not null) then max(received_at) end as received_at,
    bool_or(coalesce(is_returnable, true)) as has_returnable,
    bool_or(coalesce(has_fresh_right, false)) as has_fresh,
    bool_or(coalesce(has_allergy_right, false)) as has_beauty,
from base.claim_lines
left join base.categories using (category_id)
group by claim_lines.claim_id;

-- Claims whose merchant took part in the right when the order was paid; its first second counts, its
-- end does not.
create table base.enrolled_claims as
select distinct claims.claim_id
from base.claimed as claims
inner join final.right_enrolments as enrolments
    on claims.merchant_id = number(enrolments.merchant_id)
    and claims.right_code = enrolments.right_code
    and claims.paid_at >= enrolments.enrolled_at
    and claims.paid_at < coalesce(enrolments.ended_at, timestamp '9999-12-31');

create table base.disputed_claims as
select distinct number(claim_id) as claim_id
from final.disputes
where dispute_status <> 0;

-- Inside the window up to and including its last second. Eligible needs an active rule, a category
-- in scope and, if the right has a timed window, an application inside it; unknown without a right
-- or while the window's anchor is unknown; what is not shipped is not too late for a right that
-- ends with the shipment. A right that includes no refund pays beside the price, unless goods came
-- back.
create table base.claims as
select
    claims.*,
    subjects.category_id,
    subjects.channel,
    subjects.session_id,
    subjects.product_id,
    subjects.received_at,
    case rules.window_anchor
        when 'receipt' then subjects.received_at
        when 'payment' then claims.paid_at
        when 'approval' then claims.approved_at
        when 'shipment' then claims.shipped_at
    end as anchor_at,
    anchor_at + to_seconds(rules.window_seconds) as window_ends_at,
    claims.applied_at <= window_ends_at as is_inside_window,
    case rules.category_scope
        when 'all' then true
        when 'returnable' then coalesce(subjects.has_returnable, true)
        when 'fresh' then coalesce(subjects.has_fresh, false)
        when 'beauty' then coalesce(subjects.has_beauty, false)
        else false
    end as is_in_scope,
    case
        when claims.right_code is null or claims.paid_at is null then null
        when
            rules.window_seconds is not null
            and rules.window_anchor <> 'shipment'
            and anchor_at is null
            then null
        else
            coalesce(rules.is_active, false) and is_in_scope and coalesce(is_inside_window, true)
    end as is_eligible,
    coalesce(claims.refund_status = 3, false) as is_refunded,
    rules.includes_refund is false and claims.claim_type is distinct from 0 as is_compensation,
    coalesce(
        claims.right_code is not null
        and (is_refunded or (claims.claim_type in (3, 7, 8) and claims.claim_status = 14)),
        false
    ) as is_served,
    case when is_refunded then claims.refunded_at end as success_at,
    case when is_served then coalesce(success_at, claims.ended_at) end as served_at,
    (claims.applied_at + interval 8 hour)::date as applied_date,
    (success_at + interval 8 hour)::date as refunded_date,
    (served_at + interval 8 hour)::date as served_date,
    (claims.approved_at + interval 8 hour)::date as approved_date,
    (claims.ended_at + interval 8 hour)::date as ended_date,
    case
        when claims.right_code is not null and claims.paid_at is not null
            then enrolled.claim_id is not null
    end as is_enrolled,
    disputed.claim_id is not null as is_disputed,
    claims.claim_status in (27, 29) as is_refused,
    claims.claim_status = 28 as is_failed,
    claims.reason in (select reason from base.quality_reasons) as is_quality_reason,
    coalesce(claims.applied_at <= claims.paid_at + interval 7200 second, false) as is_impulse,
    date_sub('second', claims.applied_at, claims.approved_at) <= rules.response_seconds
        as is_inside_deadline,
    date_sub('second', claims.paid_at, claims.applied_at) as pay_to_apply_seconds,
    if(
        claims.applied_at <= claims.ended_at,
        date_sub('second', claims.applied_at, claims.ended_at),
        null
    ) as apply_to_end_seconds,
    if(
        claims.applied_at <= claims.approved_at,
        date_sub('second', claims.applied_at, claims.approved_at),
        null
    ) as apply_to_approve_seconds,
    if(claims.approved_at <= success_at, date_sub('second', claims.approved_at, success_at), null)
        as approve_to_refund_seconds,
    if(claims.applied_at <= success_at, date_sub('second', claims.applied_at, success_at), null)
        as apply_to_refund_seconds,
    if(
        claims.return_received_at <= success_at,
        date_sub('second', claims.return_received_at, success_at),
        null
    ) as return_to_refund_seconds,
from base.claimed as claims
left join base.claim_subjects as subjects on claims.claim_id = subjects.claim_id
left join base.enrolled_claims as enrolled on claims.claim_id = enrolled.claim_id
left join base.disputed_claims as disputed on claims.claim_id = disputed.claim_id
left join base.right_rules as rules
    on claims.right_code = rules.right_code
    and claims.paid_date >= rules.valid_from
    and claims.paid_date < rules.valid_until;

drop table base.claimed;
drop table base.enrolled_claims;
drop table base.disputed_claims;
drop table base.claim_subjects;
