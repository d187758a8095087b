-- Windows and what they are compared with. solar: the same dates a year earlier; weekday: 364 days
-- earlier; lunar: the same distance from the anchor festival a year earlier; preceding: the equally
-- long window directly before; campaign: another campaign's window of equal length.
create table base.growth_windows as
with

stated (window_id, start_date, end_date, anchor_code) as (
    values
    ('C618_2021', date '2021-06-01', date '2021-06-18', 'C618'),
    ('QIXI_2021', date '2021-08-01', date '2021-08-12', 'QIXI'),
    ('OLY_2021', date '2021-07-21', date '2021-08-08', null),
    ('C818_2021', date '2021-08-01', date '2021-08-18', 'C818'),
    ('JANUARY_2021', date '2021-01-01', date '2021-01-31', 'SPRING')
),

campaign_bases (window_id, start_date, end_date, base_start_date, base_end_date) as (
    values
    (
        'QIXI_2021', date '2021-08-01', date '2021-08-12',
        date '2021-02-03', date '2021-02-14'
    )
),

aligned as (
    select
        window_id,
        'solar' as alignment,
        start_date,
        end_date,
        (start_date - interval 1 year)::date as base_start_date,
        (end_date - interval 1 year)::date as base_end_date,
    from stated
    union all
    select
        window_id,
        'weekday',
        start_date,
        end_date,
        start_date - 364,
        end_date - 364,
    from stated
    union all
    select
        window_id,
        'preceding',
        start_date,
        end_date,
        start_date - (end_date - start_date + 1)::integer,
        start_date - 1,
    from stated
    union all
    select
        stated.window_id,
        'lunar',
        stated.start_date,
        stated.end_date,
        earlier.anchor_date + (stated.start_date - this.anchor_date)::integer,
        earlier.anchor_date + (stated.end_date - this.anchor_date)::integer,
    from stated
    inner join base.anchors as this
        on stated.anchor_code = this.anchor_code and year(stated.start_date) = this.year
    inner join base.anchors as earlier
        on this.anchor_code = earlier.anchor_code and this.year - 1 = earlier.year
    where stated.anchor_code in ('QIXI', 'SPRING')
    union all
    select
        window_id,
        'campaign',
        start_date,
        end_date,
        base_start_date,
        base_end_date,
    from campaign_bases
)

select * from aligned;

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

-- What the paid lines of each period sold, by merchant and product version.
create table base.period_sales as
select
    periods.start_date,
    periods.end_date,
    lines.merchant_id,
    lines.product_id,
    lines.category_id,
    lines.version_number,
    count(*) as line_count,
    sum(lines.item_count) as item_count,
    sum(lines.pay_amount) as gmv,
from base.lines
inner join base.periods
    on lines.paid_date >= periods.start_date and lines.paid_date <= periods.end_date
group by all;
