-- Campaign windows that the data cover wholly.
-- Grain: one row per campaign and currency.
-- For: growth.agg_campaign_summary. Merchants, products, local specialities (products so tagged at
-- pay time), orders and buyers are the distinct ones with a paid line in the window. Sessions are
-- those that start in it; a room is a creator with at least one such session of the tier or above.
with

covered as (
    select campaigns.*
    from base.campaigns
    cross join truth.parameters
    where start_date >= from_date and end_date <= to_date
),

sold as (
    select
        covered.campaign_id,
        lines.currency_code,
        count(distinct lines.merchant_id) as merchant_count,
        count(distinct lines.product_id) as product_count,
        count(distinct lines.product_id) filter (where products.is_local_speciality)
            as local_speciality_count,
        count(distinct lines.order_id) as paid_order_count,
        count(distinct lines.customer_id) as buyer_count,
        sum(lines.item_count)::bigint as item_count,
        sum(lines.pay_amount)::bigint as gmv,
    from covered
    inner join base.lines
        on lines.paid_date >= covered.start_date and lines.paid_date <= covered.end_date
    left join base.products on lines.version_number = products.version_number
    group by all
),

session_sales as (
    select
        sessions.session_id,
        sessions.creator_id,
        lines.currency_code,
        (sessions.started_at + interval 8 hour)::date as started_date,
        sum(lines.pay_amount)::bigint as gmv,
    from final.livestream_sessions as sessions
    inner join base.lines on number(sessions.session_id) = lines.session_id
    where lines.paid_date is not null
    group by all
),

rooms as (
    select
        covered.campaign_id,
        session_sales.currency_code,
        count(*) as session_count,
        count(*) filter (where gmv >= 1000000000) as session_over_10m_count,
        count(*) filter (where gmv >= 10000000000) as session_over_100m_count,
        count(distinct creator_id) filter (where gmv >= 1000000000) as room_over_10m_count,
        count(distinct creator_id) filter (where gmv >= 10000000000) as room_over_100m_count,
    from covered
    inner join session_sales
        on session_sales.started_date >= covered.start_date
        and session_sales.started_date <= covered.end_date
    group by all
)

select
    covered.campaign_id,
    sold.currency_code,
    covered.start_date,
    covered.end_date,
    sold.merchant_count,
    sold.product_count,
    sold.local_speciality_count,
    sold.paid_order_count,
    sold.buyer_count,
    sold.item_count,
    yuan(sold.gmv) as gmv_amount,
    coalesce(rooms.session_count, 0) as selling_session_count,
    coalesce(rooms.session_over_10m_count, 0) as over_10m_session_count,
    coalesce(rooms.session_over_100m_count, 0) as over_100m_session_count,
    coalesce(rooms.room_over_10m_count, 0) as over_10m_room_count,
    coalesce(rooms.room_over_100m_count, 0) as over_100m_room_count,
from covered
inner join sold on covered.campaign_id = sold.campaign_id
left join rooms
    on sold.campaign_id = rooms.campaign_id and sold.currency_code = rooms.currency_code
order by covered.campaign_id, sold.currency_code
