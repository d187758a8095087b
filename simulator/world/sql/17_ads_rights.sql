-- Advertising of a session: none for the wine room, whose buyers come by themselves.
create or replace table truth.ad_spend as
select
    make_id('ad', session_id % 1000000000) as ad_spend_id,
    creator_id,
    merchant_id,
    session_id,
    'CNY' as currency_code,
    greatest(
        100,
        floor(
            expected_orders * order_value * (0.02e0 + 0.2e0 * draw('ad cost', session_id))
        )
    )::bigint as spend_amount,
    started_at + to_seconds(floor(epoch(ended_at - started_at) * 0.8e0)::bigint) as spent_at,
from truth.livestream_sessions
where kind <> 'wine' and draw('advertises', session_id) < 0.7e0
order by spent_at, ad_spend_id;

-- A merchant that signs enrols in the five mandatory rights at once; category rights come with
-- opening.
create or replace table truth.right_enrolments as
with

enrolled as (
    select
        merchant_no,
        unnest(range(1, 6)) as right_no,
        signed as enrolled,
    from plan.merchants
    where signed is not null
    union all
    select
        merchant_no,
        case category_id when 'beauty' then 7 else 6 end,
        category_signed,
    from plan.merchants
    where category_signed is not null
)

select
    make_id('enrolment', merchant_no * 10 + right_no) as enrolment_id,
    make_id('merchant', merchant_no) as merchant_id,
    'R' || right_no as right_code,
    at_time(enrolled) as enrolled_at,
    null::timestamp as ended_at,
from enrolled
order by merchant_no, right_no;

-- Violations: about one a year for a bad merchant, hardly any for a good one.
create or replace table truth.violations as
with

months as (
    select
        epoch(month)::bigint - 28800 as month_start,
        row_number() over (order by month) as nth,
    from generate_series(
        date_trunc('month', getvariable('from_date')), getvariable('to_date'), interval 1 month
    ) as t (month)
),

drawn as (
    select
        merchants.merchant_no,
        merchants.opened,
        merchants.merchant_no * 1000 + months.nth as violation_no,
        months.month_start
        + between_of(0, 2400000, 'violated', merchants.merchant_no * 1000 + months.nth)
            as violated,
    from plan.merchants as merchants
    cross join months
    where draw('violates', merchants.merchant_no * 1000 + months.nth)
        < 0.004e0 + 0.1e0 * pow(merchants.badness, 2)
)

select
    make_id('violation', violation_no) as violation_id,
    make_id('merchant', merchant_no) as merchant_id,
    case
        when draw('violation', violation_no) < 0.4e0 then 'late shipment'
        when draw('violation', violation_no) < 0.7e0 then 'false advertising'
        when draw('violation', violation_no) < 0.9e0 then 'poor service'
        else 'counterfeit goods'
    end as reason,
    (1 + floor(5 * draw('points', violation_no)))::bigint as points,
    at_time(violated) as violated_at,
from drawn
where violated > opened
order by violated_at, violation_id;
