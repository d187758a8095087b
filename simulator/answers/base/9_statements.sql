-- Figures of the published statements that are no ratio of growth, as far as the history has them.
-- Amounts in CNY. Wine, cut flowers and the greatest buyer stand for the merchant and the user of
-- whom the articles tell. What is sold after the period of a statement says nothing of it, and a
-- month without wine is one of nothing.
create table base.statement_figures as
with

spans as (
    select
        window_id,
        alignment,
        start_date,
        end_date,
        base_start_date,
        base_end_date,
    from base.growth_windows
),

month_sales as (
    select
        spans.start_date,
        sales.*,
    from spans
    inner join base.period_sales as sales using (start_date, end_date)
    where
        spans.window_id like 'M%'
        and spans.alignment = 'solar'
        and sales.currency_code = 'CNY'
),

-- The twelve months of which the wine house tells.
wine_sales as (
    select *
    from month_sales
    where
        subject = 'subcategory:wine'
        and start_date >= date '2020-09-01'
        and start_date <= date '2021-08-01'
),

campaign as (
    select
        campaigns.start_date,
        campaigns.end_date,
    from base.campaigns
    where campaign_id = 'C618_2021'
),

room_sales as (
    select
        sessions.creator_id,
        sum(lines.pay_amount) as gmv,
    from final.livestream_sessions as sessions
    inner join base.lines on number(sessions.session_id) = lines.session_id
    semi join campaign
        on (sessions.started_at + interval 8 hour)::date >= campaign.start_date
        and (sessions.started_at + interval 8 hour)::date <= campaign.end_date
    where lines.paid_date is not null and lines.currency_code = 'CNY'
    group by sessions.creator_id, sessions.session_id
),

brand_places as (
    select
        products.brand_name,
        rank() over (order by sum(lines.pay_amount) desc) as place,
    from base.lines
    inner join base.products on lines.version_number = products.version_number
    where
        lines.category_id = 'sports'
        and products.brand_name is not null
        and lines.currency_code = 'CNY'
        and lines.paid_date >= date '2021-07-21'
        and lines.paid_date <= date '2021-08-08'
    group by products.brand_name
),

city_places as (
    select
        city,
        rank() over (order by sum(pay_amount) desc) as place,
    from base.orders
    where year(paid_date) = 2020 and currency_code = 'CNY' and city is not null
    group by city
),

spent as (
    select sum(pay_amount) as amount
    from base.orders
    where
        paid_date >= date '2020-01-01'
        and paid_date <= date '2021-08-31'
        and customer_id is not null
        and currency_code = 'CNY'
    group by customer_id
),

rules as (
    select *
    from read_csv(getvariable('seeds') || '/right_rules.csv')
    where valid_from <= date '2021-08-31'
    qualify row_number() over (partition by right_code order by valid_from desc) = 1
),

-- Buyers with a second kept order less than 90 days before their last one by a day.
repeated as (
    select
        ends.day,
        count(*) filter (where orders > 1) / count(*) as rate,
    from (values (date '2020-12-31'), (date '2021-08-31')) as ends (day)
    inner join (
        select
            ends.day,
            kept.customer_id,
            count(*) as orders,
        from base.kept_orders as kept
        inner join (values (date '2020-12-31'), (date '2021-08-31')) as ends (day)
            on kept.paid_date > ends.day - 90 and kept.paid_date <= ends.day
        group by all
    ) using (day)
    cross join truth.parameters
    where ends.day <= to_date and ends.day - 89 >= from_date
    group by ends.day
),

people as (
    select
        sooner.value,
        sooner.dimension,
        later.buyer_count as buyers,
        later.buyer_count / sooner.buyer_count as growth,
    from base.profiles as sooner
    inner join base.profiles as later using (dimension, value, currency_code)
    where
        sooner.month = date '2020-12-01'
        and later.month = date '2021-06-01'
        and sooner.currency_code = 'CNY'
        and sooner.buyer_count >= 500
),

grown as (
    select map(list(value), list({'buyers': buyers, 'growth': growth})) as of
    from people
    where dimension in ('gender', 'generation') and value <> 'unknown'
),

leads as (
    select
        'gender_lead_ratio' as figure,
        [
            of['female'].buyers / of['male'].buyers,
            of['male'].growth / of['female'].growth
        ] as ratios,
    from grown
    union all
    select
        'generation_lead_ratio',
        [
            (of['post_80'].buyers + of['post_90'].buyers)
            / (of['before_80'].buyers + of['post_00'].buyers),
            of['post_95'].growth / of['post_80'].growth,
            of['post_95'].growth / of['post_90'].growth
        ],
    from grown
    union all
    select
        'city_tier_lead_ratio',
        [
            if(
                count(*) = 5,
                min(growth) filter (where value in ('一线', '新一线', '四线'))
                / max(growth) filter (where value not in ('一线', '新一线', '四线')),
                null
            )
        ],
    from people
    where dimension = 'city_tier' and value <> 'unlisted'
),

causes as (
    select
        channel,
        sum(impulse_refund_order_count + quality_return_order_count) / sum(paid_order_count)
            as rate,
    from base.return_rates
    group by channel
),

zones as (
    select
        return_zone,
        bool_and(
            return_rate >= limits.low and return_rate <= limits.high
            and (return_rate > limits.low or limits.low = 0)
        ) as is_in_place,
    from base.return_rates
    inner join (
        values ('green', 0, 0.15::double), ('amber', 0.15::double, 0.2::double), ('red', 0.2::double, 1)
    ) as limits (return_zone, low, high) using (return_zone)
    group by return_zone
),

benefits as (
    select if(outcome like '%_rate', effect < 0, effect > 0) as is_benefit
    from base.right_impact
    where outcome <> 'quality_return_rate' and abs(effect) > 3 * standard_error
),

figures (figure, figure_value) as (
    select 'local_speciality_count', max(product_count)
    from base.period_sales
    semi join campaign using (start_date, end_date)
    where subject = 'tag:local_speciality' and currency_code = 'CNY'
    union all
    select 'over_10m_room_count', if(max(product_count) > 0, any_value(rooms.room_count), null)
    from base.period_sales
    semi join campaign using (start_date, end_date)
    cross join (
        select count(distinct creator_id) as room_count from room_sales where gmv >= 1000000000
    ) as rooms
    where subject = 'all' and currency_code = 'CNY'
    union all
    select 'wine_month_gmv', sum(gmv) / 12 / 100 from wine_sales
    union all
    select 'wine_order_value', sum(gmv) / sum(paid_line_count) / 100
    from wine_sales
    union all
    select
        'loyal_wine_buyer_count',
        case count(*) when 0 then null when 12 then min(buyer_count) else 0 end,
    from wine_sales
    union all
    select 'flower_grower_gmv', sum(gmv) / 100
    from month_sales
    where
        subject = 'subcategory:cut flowers'
        and start_date >= date '2020-03-01'
        and start_date <= date '2020-12-01'
    union all
    select 'hit_line_count', max(lines)
    from (
        select count(*) as lines
        from base.lines
        where paid_date >= date '2021-03-01' and paid_date <= date '2021-06-30'
        group by product_id
    )
    union all
    select
        'sports_brands_in_place_count',
        count(*) filter (where brand_name = '鸿星尔克' and place = 1)
        + count(*) filter (where brand_name in ('贵人鸟', '李宁', '安踏') and place <= 5),
    from brand_places
    union all
    select 'top_cities_in_place_count', count(*)
    from city_places where city in ('上海', '重庆', '北京') and place <= 3
    union all
    select 'payment_kind_count', count(distinct payment_kind)
    from base.orders inner join base.payment_kinds using (pay_type)
    where paid_date is not null and payment_kind in ('douyin_pay', 'dou_instalment')
    union all
    select 'most_spent_amount', max(amount) / 100 from spent
    union all
    select 'allergy_window_days', max(window_value)
    from rules where right_code = 'R7' and window_unit = 'day'
    union all
    select 'fresh_window_hours', max(window_value)
    from rules where right_code = 'R6' and window_unit = 'hour'
    union all
    select 'mandatory_right_count', count(*) from rules where is_mandatory
    union all
    select 'right_count', count(*) from rules
    union all
    select 'fresh_no_reason_count', count(*)
    from base.categories where category_id = 'fresh' and is_returnable
    union all
    select 'platform_partner_count', count(*)
    from base.merchants
    where merchant_type = 'platform_partner' and governs_until = timestamp '9999-12-31'
    union all
    select 'fresh_case_count', count(*)
    from base.claims
    where
        right_code = 'R6'
        and is_refunded
        and refund_amount = 36800
        and refunded_date >= date '2021-08-01'
        and refunded_date <= date '2021-08-31'
        and refunded_date = applied_date
        and apply_to_approve_seconds < 18000
    union all
    select 'beauty_case_count', count(*)
    from base.claims
    where
        right_code = 'R7'
        and is_refunded
        and refund_amount = 149000
        and refunded_date >= date '2021-06-01'
        and refunded_date <= date '2021-08-31'
        and apply_to_approve_seconds <= 180
        and return_to_refund_seconds >= 0
    union all
    select 'category_claims_served_count', count(*)
    from base.claims
    where is_served and right_code in ('R6', 'R7') and served_date <= date '2021-08-31'
    union all
    select 'impulse_refund_count', count(*) from base.claims
    where is_refunded and is_impulse and not is_compensation
    union all
    select
        'repurchase_growth_ratio',
        max(rate) filter (where day = date '2021-08-31')
        / max(rate) filter (where day = date '2020-12-31'),
    from repeated
    union all
    select figure, if(len(list_filter(ratios, lambda x: x is null)) = 0, list_min(ratios), null)
    from leads
    union all
    select 'return_zones_in_place_count', if(count(*) = 3, count_if(is_in_place), null) from zones
    union all
    select
        'live_cause_ratio',
        max(rate) filter (where channel = 'live')
        / nullif(max(rate) filter (where channel = 'shelf'), 0),
    from causes
    union all
    select 'signing_benefit_rate', count_if(is_benefit) / nullif(count(*), 0) from benefits
)

select
    figure,
    figure_value::double as figure_value,
from figures;
