-- Facts that are parameters: rules of the rights, categories, tiers, festivals and campaigns.
create table base.categories as
select
    category_id,
    has_fresh_right,
    has_allergy_right,
    no_reason_return <> 'no' as is_returnable,
from read_csv(getvariable('seeds') || '/categories.csv');

-- A rule is in force from its date until the day before the right's next rule.
create table base.right_rules as
select
    right_code,
    valid_from,
    lead(valid_from, 1, date '9999-12-31')
        over (partition by right_code order by valid_from) as valid_until,
    is_active,
    category_scope,
    window_anchor,
    case window_unit when 'hour' then 3600 when 'day' then 86400 end
    * window_value as window_seconds,
    nullif(response_hours, 0) * 3600 as response_seconds,
    includes_refund,
from read_csv(getvariable('seeds') || '/right_rules.csv', types = {'valid_from': 'date'});

create table base.city_tiers as
select
    city,
    city_tier,
from read_csv(getvariable('seeds') || '/city_tiers.csv');

create table base.payment_kinds as
select
    pay_type,
    payment_kind,
from read_csv(getvariable('seeds') || '/payment_kinds.csv');

create table base.session_tiers as
select
    session_tier,
    currency_code,
    minimum_gmv_amount::bigint * 100 as minimum_gmv,
from read_csv(getvariable('seeds') || '/session_tiers.csv');

create table base.return_zones as
select
    return_zone,
    above_rate,
    upto_rate,
from read_csv(
    getvariable('seeds') || '/return_zones.csv',
    types = {'above_rate': 'double', 'upto_rate': 'double'}
);

create table base.anchors as
select
    anchor_code,
    year,
    anchor_date,
    calendar = 'lunar' as is_lunar,
from read_csv(getvariable('seeds') || '/calendar_anchors.csv');

create table base.growth_parameters as
from read_csv(getvariable('seeds') || '/growth_parameters.csv');

create table base.campaigns as
select
    campaign_id,
    campaign_year,
    start_date,
    end_date,
    anchor_code,
    base_campaign_id,
from read_csv(getvariable('seeds') || '/campaigns.csv');

-- Ends of the months, and the last day: where rolling windows are looked at.
create table base.window_ends as
select distinct
    least(last_day(day), to_date) as end_date,
    from_date,
    to_date,
from truth.parameters, generate_series(from_date, to_date, interval 1 day) as days (day);

-- The five reasons of a quality return.
create table base.quality_reasons as
select reason
from read_csv(getvariable('seeds') || '/quality_reasons.csv');
