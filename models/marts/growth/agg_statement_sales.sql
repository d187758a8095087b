{{ restate(
    by='figure',
    affected_by={
        'agg_campaign_summary':
            "select unnest(['local_speciality_count', 'over_10m_room_count']) from changes",
        'agg_category_growth':
            "select unnest(['wine_month_gmv', 'wine_order_value', 'loyal_wine_buyer_count',"
            " 'flower_grower_gmv']) from changes",
        'agg_product_sales_daily': "select 'hit_line_count' from changes",
        'agg_brand_sales_daily': "select 'sports_brands_in_place_count' from changes",
        'agg_region_sales_daily': "select 'top_cities_in_place_count' from changes",
        'agg_gmv_walk_daily': "select 'payment_kind_count' from changes",
        'fct_orders': "select 'most_spent_amount' from changes",
    },
    recompute="select unnest(['local_speciality_count', 'over_10m_room_count', 'wine_month_gmv',"
        " 'wine_order_value', 'loyal_wine_buyer_count', 'flower_grower_gmv', 'hit_line_count',"
        " 'sports_brands_in_place_count', 'top_cities_in_place_count', 'payment_kind_count',"
        " 'most_spent_amount']) from requested",
) }}
-- One row per figure of the published statements about sales that is no growth ratio and has a
-- value in these data; amounts in CNY. The statements name one wine house, one flower grower and
-- one buyer: all wine, all cut flowers and the buyer who spent most stand for them. What is sold
-- after the period of a statement says nothing of it; a month without wine counts as none.
with
campaign as (
    select *
    from {{ ref('agg_campaign_summary') }}
    where campaign_id = 'C618_2021' and currency_code = 'CNY'
),

months as (
    select *
    from {{ ref('agg_category_growth') }}
    where
        window_id like 'M20%'
        and alignment = 'solar'
        and currency_code = 'CNY'
        and paid_line_count > 0
),

wine as (
    select * from months
    where subject = 'subcategory:wine' and window_id between 'M2020-09' and 'M2021-08'
),

flowers as (
    select *
    from months
    where subject = 'subcategory:cut flowers' and window_id between 'M2020-03' and 'M2020-12'
),

hits as (
    select sum(paid_line_count) as line_count
    from {{ ref('agg_product_sales_daily') }}
    where business_date between date '2021-03-01' and date '2021-06-30'
    group by product_id
),

brands as (
    select
        brand_name,
        rank() over (order by sum(gmv_amount) desc) as place,
    from {{ ref('agg_brand_sales_daily') }}
    where
        category_id = 'sports'
        and brand_name <> 'none'
        and currency_code = 'CNY'
        and business_date between date '2021-07-21' and date '2021-08-08'
    group by brand_name
),

cities as (
    select
        city,
        rank() over (order by sum(gmv_amount) desc) as place,
    from {{ ref('agg_region_sales_daily') }}
    where year(business_date) = 2020 and currency_code = 'CNY' and city <> 'unknown'
    group by city
),

payments as (
    select distinct payment_kind
    from {{ ref('agg_gmv_walk_daily') }}
    where payment_kind in ('douyin_pay', 'dou_instalment') and paid_order_count > 0
),

spent as (
    select sum(pay_amount) as amount
    from {{ ref('fct_orders') }}
    where
        is_paid
        and customer_key is not null
        and currency_code = 'CNY'
        and paid_date between date '2020-01-01' and date '2021-08-31'
    group by customer_key
),

measured as (
    select
        (select max(local_speciality_count) from campaign) as local_speciality_count,
        (select max(over_10m_room_count) from campaign) as over_10m_room_count,
        (select sum(gmv_amount) / 12 from wine) as wine_month_gmv,
        (select sum(gmv_amount) / sum(paid_line_count) from wine) as wine_order_value,
        (
            select case count(*) when 0 then null when 12 then min(buyer_count) else 0 end from wine
        ) as loyal_wine_buyer_count,
        (select sum(gmv_amount) from flowers) as flower_grower_gmv,
        (select max(line_count) from hits) as hit_line_count,
        (
            select count(*) from brands
            where place = 1 and brand_name = '鸿星尔克'
        )
        + (
            select count(*) from brands
            where place <= 5 and brand_name in ('贵人鸟', '李宁', '安踏')
        ) as sports_brands_in_place_count,
        (
            select count(*) from cities
            where place <= 3 and city in ('上海', '重庆', '北京')
        ) as top_cities_in_place_count,
        (select count(*) from payments) as payment_kind_count,
        (select max(amount) from spent) as most_spent_amount,
),

figures as (
    select cast(columns(*) as double) from measured
),

unpivoted as (
    unpivot figures on columns(*) into name figure value computed_value
),

final as (
    select
        figure,
        computed_value,
    from unpivoted
)

select * from final
