{{ restate(
    by='window_id',
    images=['range_id', 'base_range_id'],
    affected_by={
        'dim_dates': "select strftime(business_date, 'M%Y-%m') from changes",
        'dim_campaigns':
            'select campaign_id from changes union all select later.campaign_id from changes'
            ' inner join dim_campaigns as later on changes.campaign_id = later.base_campaign_id',
    },
    recompute="select strftime(business_date, 'M%Y-%m') from dim_dates cross join requested"
        ' union all select campaign_id from dim_campaigns cross join requested',
) }}
-- One row per window and alignment of what it is compared with. Windows are the campaigns and the
-- months of the calendar; a period is named by its first and last date. They are few: a request
-- builds all of them.
with
anchors as (
    select * from {{ ref('calendar_anchors') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

parameters as (
    select * from {{ ref('growth_parameters') }}
),

months as (
    select distinct
        month_start_date,
        month_number,
        year_number,
    from {{ ref('dim_dates') }}
),

windows as (
    select
        campaign_id as window_id,
        'campaign' as window_kind,
        campaign_year as window_year,
        start_date,
        end_date,
        anchor_code,
        base_campaign_id,
    from campaigns
    union all
    select
        strftime(month_start_date, 'M%Y-%m') as window_id,
        'month' as window_kind,
        year_number as window_year,
        month_start_date as start_date,
        last_day(month_start_date) as end_date,
        case when month_number <= 2 then 'SPRING' end as anchor_code,
        null as base_campaign_id,
    from months
),

shifted as (
    select
        windows.*,
        'solar' as alignment,
        cast(windows.start_date - interval 1 year as date) as base_start_date,
        cast(windows.end_date - interval 1 year as date) as base_end_date,
    from windows
    union all
    select
        windows.*,
        'weekday' as alignment,
        windows.start_date - 364 as base_start_date,
        windows.end_date - 364 as base_end_date,
    from windows
    where windows.window_kind = 'campaign'
    union all
    select
        windows.*,
        'preceding' as alignment,
        windows.start_date - cast(windows.end_date - windows.start_date + 1 as integer)
            as base_start_date,
        windows.start_date - 1 as base_end_date,
    from windows
),

moved as (
    select
        windows.*,
        'lunar' as alignment,
        earlier.anchor_date + cast(windows.start_date - anchors.anchor_date as integer)
            as base_start_date,
        earlier.anchor_date + cast(windows.end_date - anchors.anchor_date as integer)
            as base_end_date,
    from windows
    inner join anchors
        on windows.anchor_code = anchors.anchor_code
        and windows.window_year = anchors.year
        and anchors.calendar = 'lunar'
    inner join anchors as earlier
        on anchors.anchor_code = earlier.anchor_code and anchors.year - 1 = earlier.year
),

paired as (
    select
        windows.* replace (
            least(
                windows.end_date,
                windows.start_date + cast(base.end_date - base.start_date as integer)
            ) as end_date
        ),
        'campaign' as alignment,
        base.start_date as base_start_date,
        least(
            base.end_date,
            base.start_date + cast(windows.end_date - windows.start_date as integer)
        ) as base_end_date,
    from windows
    inner join campaigns as base on windows.base_campaign_id = base.campaign_id
),

aligned as (
    select * from shifted
    union all by name
    select * from moved
    union all by name
    select * from paired
),

final as (
    select
        aligned.window_id,
        aligned.start_date || '/' || aligned.end_date as range_id,
        aligned.base_start_date || '/' || aligned.base_end_date as base_range_id,
        aligned.window_kind,
        case aligned.alignment
            when 'preceding' then 'period_on_period'
            when 'campaign' then 'campaign_on_campaign'
            else 'year_on_year'
        end as comparison,
        aligned.alignment,
        parameters.minimum_base_line_count,
        parameters.minimum_base_distinct_count,
        aligned.start_date,
        aligned.end_date,
        aligned.base_start_date,
        aligned.base_end_date,
    from aligned
    cross join parameters
)

select * from final
