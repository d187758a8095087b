-- Windows and what they are compared with. The windows are all campaigns and all months of the
-- years of the calendar. solar: the same dates a year earlier; weekday (campaigns only): 364 days
-- earlier; lunar (what moves with a lunar festival, and January and February with the Spring
-- Festival): the same distance from the festival a year earlier; preceding: the equally long window
-- directly before; campaign: another campaign, by days from its first day, as long as both last.
create table base.growth_windows as
with

months as (
    select distinct make_date(anchors.year, month::integer, 1) as first_day
    from base.anchors, range(1, 13) as numbers (month)
),

windows as (
    select
        campaign_id as window_id,
        start_date,
        end_date,
        campaign_year as in_year,
        anchor_code,
        base_campaign_id,
        true as is_campaign,
    from base.campaigns
    union all
    select
        'M' || left(first_day::varchar, 7),
        first_day,
        last_day(first_day),
        year(first_day),
        if(month(first_day) < 3, 'SPRING', null),
        null,
        false,
    from months
),

festivals as (
    select
        this.anchor_code,
        this.year,
        this.anchor_date - earlier.anchor_date as days_apart,
    from base.anchors as this
    inner join base.anchors as earlier
        on this.anchor_code = earlier.anchor_code and this.year = earlier.year + 1
    where this.is_lunar
),

shared as (
    select
        windows.window_id,
        base.start_date as base_start_date,
        least(
            windows.end_date - windows.start_date, base.end_date - base.start_date
        ) as last_offset,
    from windows
    inner join base.campaigns as base on windows.base_campaign_id = base.campaign_id
)

select
    window_id,
    'solar' as alignment,
    start_date as start_date,
    end_date as end_date,
    (start_date - interval 1 year)::date as base_start_date,
    (end_date - interval 1 year)::date as base_end_date,
from windows
union all
select window_id, 'weekday', start_date, end_date, start_date - 364, end_date - 364
from windows
where is_campaign
union all
select
    window_id,
    'preceding',
    start_date,
    end_date,
    start_date - (end_date - start_date + 1)::integer,
    start_date - 1,
from windows
union all
select
    window_id,
    'lunar',
    start_date,
    end_date,
    start_date - days_apart::integer,
    end_date - days_apart::integer,
from windows
inner join festivals on windows.anchor_code = festivals.anchor_code and in_year = festivals.year
union all
select
    window_id,
    'campaign',
    start_date,
    start_date + last_offset::integer,
    base_start_date,
    base_start_date + last_offset::integer,
from windows
inner join shared using (window_id);

create table base.periods as
select
    start_date,
    end_date,
from base.growth_windows
union
select
    base_start_date,
    base_end_date,
from base.growth_windows;

-- What a version of a product stands for: the subjects of its lines, but for the category.
create table base.version_subjects as
select
    version_number,
    unnest(
        list_filter(
            [
                'subcategory:' || subcategory,
                if(subcategory in ('vegetables', 'fruit'), 'subcategory:vegetables+fruit', null),
                if(is_qixi, 'tag:qixi', null),
                if(is_rose, 'tag:rose', null),
                if(is_local_speciality, 'tag:local_speciality', null),
                if(is_china_style, 'tag:china_style', null),
                if(is_domestic_brand, 'tag:domestic_brand', null)
            ],
            lambda name: name is not null
        )
    ) as subject,
from base.products;

-- The paid lines once for each subject that they belong to.
create table base.subject_lines as
with

paid as (
    select
        paid_date,
        currency_code,
        order_id,
        merchant_id,
        customer_id,
        product_id,
        category_id,
        version_number,
        item_count,
        pay_amount,
    from base.lines
    where paid_date is not null
)

select 'all' as subject, * from paid
union all
select 'category:' || category_id, * from paid
union all
select subject, paid.* from paid inner join base.version_subjects using (version_number);

-- What each day sold of each subject. An order is paid once, so orders add up over days.
create table base.subject_days as
select
    subject,
    currency_code,
    paid_date,
    count(*) as paid_line_count,
    sum(item_count) as item_count,
    count(distinct order_id) as paid_order_count,
    sum(pay_amount) as gmv,
from base.subject_lines
group by all;

create table base.period_totals as
select
    periods.start_date,
    periods.end_date,
    subject,
    currency_code,
    sum(paid_line_count)::bigint as paid_line_count,
    sum(item_count)::bigint as item_count,
    sum(paid_order_count)::bigint as paid_order_count,
    sum(gmv)::bigint as gmv,
from base.periods
inner join base.subject_days
    on paid_date >= periods.start_date and paid_date <= periods.end_date
group by all;

-- Who and what took part in each period, one kind after the other: each counts once in a period.
create table base.period_merchants as
select
    periods.start_date,
    periods.end_date,
    subject,
    currency_code,
    count(distinct merchant_id) as merchant_count,
from base.periods
inner join (
    select distinct subject, currency_code, paid_date, merchant_id from base.subject_lines
) as days on paid_date >= periods.start_date and paid_date <= periods.end_date
group by all;

create table base.period_products as
select
    periods.start_date,
    periods.end_date,
    subject,
    currency_code,
    count(distinct product_id) as product_count,
from base.periods
inner join (
    select distinct subject, currency_code, paid_date, product_id from base.subject_lines
) as days on paid_date >= periods.start_date and paid_date <= periods.end_date
group by all;

create table base.period_buyers as
select
    periods.start_date,
    periods.end_date,
    subject,
    currency_code,
    count(distinct customer_id) as buyer_count,
from base.periods
inner join (
    select distinct subject, currency_code, paid_date, customer_id from base.subject_lines
) as days on paid_date >= periods.start_date and paid_date <= periods.end_date
group by all;

-- What each period sold of each subject.
create table base.period_sales as
select *
from base.period_totals
inner join base.period_merchants using (start_date, end_date, subject, currency_code)
inner join base.period_products using (start_date, end_date, subject, currency_code)
inner join base.period_buyers using (start_date, end_date, subject, currency_code);

drop table base.subject_lines;
