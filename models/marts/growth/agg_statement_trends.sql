{{ restate(
    by='figure',
    affected_by={
        'agg_repurchase_daily': "select 'repurchase_growth_ratio' from changes",
        'dim_sources': "select 'repurchase_growth_ratio' from changes",
        'agg_customer_profile_monthly':
            "select unnest(['gender_lead_ratio', 'generation_lead_ratio',"
            " 'city_tier_lead_ratio']) from changes",
        'agg_return_rates_monthly':
            "select unnest(['return_zones_in_place_count', 'live_cause_ratio']) from changes",
        'agg_right_impact': "select 'signing_benefit_rate' from changes",
    },
    recompute="select unnest(['repurchase_growth_ratio', 'gender_lead_ratio',"
        " 'generation_lead_ratio', 'city_tier_lead_ratio', 'return_zones_in_place_count',"
        " 'live_cause_ratio', 'signing_benefit_rate']) from requested",
) }}
-- One row per figure of the published statements that name a trend, a cause or a limit but no
-- number, and that has a value in these data. A group of buyers leads by its ratio to the others,
-- in June 2021 and against December 2020; only groups of 500 are compared. Repurchase is that of
-- one source, the largest in CNY. An effect of signing counts beyond three standard errors.
with
repurchases as (
    select
        daily.source,
        max(daily.buyer_count) filter (where daily.business_date = date '2021-08-31')
            as later_count,
        max(daily.repurchase_rate) filter (where daily.business_date = date '2021-08-31')
        / nullif(
            max(daily.repurchase_rate) filter (where daily.business_date = date '2020-12-31'), 0
        ) as growth_ratio,
    from {{ ref('agg_repurchase_daily') }} as daily
    inner join {{ ref('dim_sources') }} as sources on daily.source = sources.source
    where
        sources.currency_code = 'CNY'
        and daily.window_days = 90
        and daily.is_complete
        and daily.business_date in (date '2020-12-31', date '2021-08-31')
    group by daily.source
    having count(*) = 2
),

groups as (
    select
        dimension,
        dimension_value,
        max(buyer_count) filter (where month_start_date = date '2020-12-01') as base_count,
        max(buyer_count) filter (where month_start_date = date '2021-06-01') as later_count,
        later_count / base_count as growth_ratio,
    from {{ ref('agg_customer_profile_monthly') }}
    where currency_code = 'CNY' and month_start_date in (date '2020-12-01', date '2021-06-01')
    group by dimension, dimension_value
    having base_count >= 500
),

leads as (
    select
        {%- for name in ['female', 'male', 'before_80', 'post_80', 'post_90', 'post_00'] %}
        max(later_count) filter (where dimension_value = '{{ name }}') as {{ name }}_count,
        {%- endfor %}
        {%- for name in ['female', 'male', 'post_80', 'post_90', 'post_95'] %}
        max(growth_ratio) filter (where dimension_value = '{{ name }}') as {{ name }}_growth,
        {%- endfor %}
        female_count / male_count as women_lead,
        male_growth / female_growth as men_growth_lead,
        (post_80_count + post_90_count) / (before_80_count + post_00_count) as middle_lead,
        post_95_growth / post_80_growth as over_post_80_lead,
        post_95_growth / post_90_growth as over_post_90_lead,
        min(growth_ratio) filter (where dimension_value in ('一线', '新一线', '四线'))
        / max(growth_ratio) filter (where dimension_value in ('二线', '三线')) as tiers_lead,
        count(*) filter (where dimension = 'city_tier' and dimension_value <> 'unlisted')
            as tier_count,
    from groups
),

agg_return_rates_monthly as (
    select * from {{ ref('agg_return_rates_monthly') }}
),

zones as (
    select
        return_zone,
        case return_zone
            when 'green' then max(return_rate) <= 0.15
            when 'amber' then min(return_rate) > 0.15 and max(return_rate) <= 0.2
            when 'red' then min(return_rate) > 0.2
        end as is_in_place,
    from agg_return_rates_monthly
    group by return_zone
),

causes as (
    select
        channel,
        sum(impulse_refund_order_count + quality_return_order_count)
        / sum(agg_return_rates_monthly.paid_order_count) as cause_rate,
    from agg_return_rates_monthly
    group by channel
),

effects as (
    select
        case when outcome in ('complaint_rate', 'dispute_rate') then -effect else effect end
            as benefit,
    from {{ ref('agg_right_impact') }}
    where outcome <> 'quality_return_rate' and abs(effect) > 3 * standard_error
),

measured as (
    select
        'repurchase_growth_ratio' as figure,
        arg_max_null(growth_ratio, row(later_count, source)) as computed_value,
    from repurchases
    union all
    select
        'gender_lead_ratio' as figure,
        case when women_lead + men_growth_lead > 0 then least(women_lead, men_growth_lead) end
            as computed_value,
    from leads
    union all
    select
        'generation_lead_ratio' as figure,
        case
            when middle_lead + over_post_80_lead + over_post_90_lead > 0
                then least(middle_lead, over_post_80_lead, over_post_90_lead)
        end as computed_value,
    from leads
    union all
    select
        'city_tier_lead_ratio' as figure,
        case when tier_count = 5 then tiers_lead end as computed_value,
    from leads
    union all
    select
        'return_zones_in_place_count' as figure,
        case when count(*) = 3 then count(*) filter (where is_in_place) end
            as computed_value,
    from zones
    union all
    select
        'live_cause_ratio' as figure,
        max(cause_rate) filter (where channel = 'live')
        / nullif(max(cause_rate) filter (where channel = 'shelf'), 0) as computed_value,
    from causes
    union all
    select
        'signing_benefit_rate' as figure,
        count(*) filter (where benefit > 0) / nullif(count(*), 0) as computed_value,
    from effects
),

final as (
    select
        figure,
        cast(computed_value as double) as computed_value,
    from measured
    where computed_value is not null
)

select * from final
