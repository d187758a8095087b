-- Livestream sessions.
-- Grain: one row per session (the platform sells in one currency, CNY).
-- For: livestream.fct_livestream_sessions. GMV is the paid amount (freight share included) of the
-- lines placed in the session, whenever they were paid; refunds are the successful ones of the same
-- lines. gpm = GMV / view person-times x 1000, uv_value = GMV / distinct viewers,
-- viewer_to_payer_rate = distinct buyers / distinct viewers, exposure_to_click_rate = clicks /
-- exposures, click_to_pay_rate = paid orders / clicks, roi = GMV / ad cost; null when the denominator
-- is 0. session_tier is the highest tier that the GMV reaches. peak_online_count is the highest number
-- that the session or its traffic knows, average_concurrency the mean of the traffic's samples.
with

sold as (
    select
        session_id,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(distinct customer_id) as buyer_count,
        sum(item_count)::bigint as item_count,
        sum(pay_amount)::bigint as gmv,
    from base.lines
    where paid_date is not null and session_id is not null
    group by all
),

refunded as (
    select
        session_id,
        sum(refund_amount)::bigint as refunded,
    from base.refunds
    where session_id is not null
    group by all
),

spent as (
    select
        number(session_id) as session_id,
        sum(spend_amount)::bigint as spent,
    from final.ad_spend
    group by all
),

traffic as (
    select
        number(session_id) as session_id,
        max(online_count) as peak,
        sum(online_count)::bigint / count(online_count) as average_concurrency,
    from final.livestream_traffic
    group by all
),

tiers as (
    select
        sold.session_id,
        arg_max(tiers.session_tier, tiers.minimum_gmv) as session_tier,
    from sold
    inner join base.session_tiers as tiers
        on sold.currency_code = tiers.currency_code and sold.gmv >= tiers.minimum_gmv
    group by all
)

select
    sessions.session_id,
    sessions.creator_id,
    sessions.merchant_id,
    tiers.session_tier,
    sessions.view_count,
    sessions.viewer_count,
    greatest(sessions.peak_online_count, traffic.peak) as peak_online_count,
    traffic.average_concurrency,
    sessions.new_follower_count,
    coalesce(sold.paid_order_count, 0) as paid_order_count,
    coalesce(sold.buyer_count, 0) as buyer_count,
    coalesce(sold.item_count, 0) as item_count,
    yuan(coalesce(sold.gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded.refunded, 0)) as refunded_amount,
    yuan(coalesce(sold.gmv, 0) - coalesce(refunded.refunded, 0)) as net_amount,
    yuan(coalesce(spent.spent, 0)) as ad_cost_amount,
    coalesce(sold.gmv, 0) / nullif(spent.spent, 0) as roi,
    coalesce(sold.gmv, 0) / 100 * 1000 / nullif(sessions.view_count, 0) as gpm,
    coalesce(sold.gmv, 0) / 100 * 1000 / nullif(sessions.viewer_count, 0) as gpm_viewer,
    coalesce(sold.gmv, 0) / 100 / nullif(sessions.viewer_count, 0) as uv_value,
    coalesce(sold.buyer_count, 0) / nullif(sessions.viewer_count, 0) as viewer_to_payer_rate,
    sessions.product_click_count / nullif(sessions.product_exposure_count, 0)
        as exposure_to_click_rate,
    coalesce(sold.paid_order_count, 0) / nullif(sessions.product_click_count, 0)
        as click_to_pay_rate,
    (sessions.started_at + interval 8 hour)::date as started_date,
from final.livestream_sessions as sessions
left join sold on number(sessions.session_id) = sold.session_id
left join refunded on number(sessions.session_id) = refunded.session_id
left join spent on number(sessions.session_id) = spent.session_id
left join traffic on number(sessions.session_id) = traffic.session_id
left join tiers on number(sessions.session_id) = tiers.session_id
order by session_id
