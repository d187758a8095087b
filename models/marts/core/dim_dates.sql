{{ restate(by='business_date', affected_by={}) }}
-- One row per business date, 2005 to 2035, with the festival that falls on it.
with
calendar_anchors as (
    select * from {{ ref('calendar_anchors') }}
),

festivals as (
    select
        anchor_date,
        string_agg(anchor_code, ' ' order by anchor_code) as festival_codes,
    from calendar_anchors
    group by anchor_date
),

days as (
    select cast(series.day_at as date) as business_date
    from generate_series(
        timestamp '2005-01-01', timestamp '2035-12-31', interval 1 day
    ) as series (day_at)
),

final as (
    select
        festivals.festival_codes,
        cast(year(days.business_date) as bigint) as year_number,
        cast(quarter(days.business_date) as bigint) as quarter_number,
        cast(month(days.business_date) as bigint) as month_number,
        cast(day(days.business_date) as bigint) as day_of_month,
        cast(isodow(days.business_date) as bigint) as iso_weekday,
        cast(isoyear(days.business_date) as bigint) as iso_year,
        cast(week(days.business_date) as bigint) as iso_week,
        isodow(days.business_date) >= 6 as is_weekend,
        days.business_date,
        cast(date_trunc('month', days.business_date) as date) as month_start_date,
    from days
    left join festivals on days.business_date = festivals.anchor_date
)

select * from final
