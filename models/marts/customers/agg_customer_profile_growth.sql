{%- set of_all =
    'select month_start_date from agg_customer_profile_monthly where exists (from changes)' %}
{{ restate(
    by='month_start_date',
    affected_by={
        'agg_customer_profile_monthly': '
            select cast(month_start_date + to_months(cast(months as integer)) as date)
            from changes
            cross join (values (0), (1), (12)) as distances (months)
        ',
        'agg_data_spans': of_all,
        'dim_growth_windows': of_all,
    },
    recompute=requested_months(),
) }}
-- One row per month with buyers, dimension, value, currency and alignment that has a buyer in the
-- month or its base: the calendar month before (month_before), or the same month a year earlier
-- (solar). Ratio and growth are null, with the reason, when the base has no or few buyers or the
-- data don't cover both months.
with
profiles as (
    select * from {{ ref('agg_customer_profile_monthly') }}
),

sides as (
    select
        profiles.* replace (
            cast(profiles.month_start_date + to_months(shifts.months) as date) as month_start_date
        ),
        shifts.alignment,
        shifts.months > 0 as is_base,
    from profiles
    cross join (
        values ('month_before', 0), ('month_before', 1), ('solar', 0), ('solar', 12)
    ) as shifts (alignment, months)
),

compared as (
    select
        month_start_date,
        dimension,
        dimension_value,
        currency_code,
        alignment,
        cast(month_start_date - to_months(case alignment when 'solar' then 12 else 1 end) as date)
            as base_month_date,
        coalesce(max(buyer_count) filter (where not is_base), 0) as buyer_count,
        coalesce(max(buyer_count) filter (where is_base), 0) as base_buyer_count,
        coalesce(max(gmv_amount) filter (where not is_base), 0) as gmv_amount,
        coalesce(max(gmv_amount) filter (where is_base), 0) as base_gmv_amount,
    from {{ affected_rows('sides', 'month_start_date') }}
    where month_start_date in (select profiles.month_start_date from profiles)
    group by month_start_date, dimension, dimension_value, currency_code, alignment
),

minimum as (
    select max(minimum_base_distinct_count) as buyer_count
    from {{ ref('dim_growth_windows') }}
),

judged as (
    select
        compared.*,
        case
            when compared.base_month_date < data_spans.first_date
                then 'base begins before the data'
            when last_day(compared.month_start_date) > data_spans.last_date
                then 'window ends after the data'
            when compared.base_buyer_count = 0 then 'base is zero'
            when compared.base_buyer_count < minimum.buyer_count
                then 'base is tiny'
        end as growth_reason,
    from compared
    inner join {{ ref('agg_data_spans') }} as data_spans
        on compared.currency_code = data_spans.currency_code
    cross join minimum
),

ratios as (
    select
        *,
        case when growth_reason is null then buyer_count / base_buyer_count end as buyer_ratio,
        case
            when growth_reason is null
                then cast(gmv_amount as double) / nullif(cast(base_gmv_amount as double), 0)
        end as gmv_ratio,
    from judged
),

final as (
    select
        dimension,
        dimension_value,
        currency_code,
        alignment,
        growth_reason,
        buyer_count,
        base_buyer_count,
        gmv_amount,
        base_gmv_amount,
        buyer_ratio,
        buyer_ratio - 1 as buyer_growth_rate,
        gmv_ratio,
        gmv_ratio - 1 as gmv_growth_rate,
        month_start_date,
        base_month_date,
    from ratios
)

select * from final
