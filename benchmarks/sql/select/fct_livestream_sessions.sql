with sold as (
    select
        session_id, currency_code,
        count(distinct order_id) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount
    from session_lines
    group by all
),

refunded as (
    select session_id, currency_code, sum(refund_amount) as refunded_amount
    from session_refunds
    group by all
),

spent as (
    select session_id, currency_code, sum(spend_amount) as ad_cost_amount
    from warehouse.intermediate.int_ad_spend_current
    group by all
),

totals as (
    select
        sessions.*,
        currency_code,
        coalesce(paid_order_count, 0) as paid_order_count,
        coalesce(buyer_count, 0) as buyer_count,
        coalesce(item_count, 0)::bigint as item_count,
        coalesce(gmv_amount, 0)::decimal(18, 2) as gmv_amount,
        coalesce(refunded_amount, 0)::decimal(18, 2) as refunded_amount
    from sessions
    left join (
        sold full outer join refunded using (session_id, currency_code)
        full outer join spent using (session_id, currency_code)
    ) using (session_id)
)

select
    session_id, creator_id, merchant_id, source, totals.currency_code, session_title,
    session_tier, view_count, viewer_count, peak_online_count, product_exposure_count,
    product_click_count, comment_count, new_follower_count, paid_order_count, buyer_count,
    item_count, gmv_amount, refunded_amount,
    (gmv_amount - refunded_amount)::decimal(18, 2) as net_amount,
    gmv_amount::double / nullif(view_count, 0) * 1000 as gpm,
    gmv_amount::double / nullif(viewer_count, 0) as uv_value,
    buyer_count / nullif(viewer_count, 0) as viewer_to_payer_rate,
    product_click_count / nullif(product_exposure_count, 0) as exposure_to_click_rate,
    started_date, started_at, ended_at
from totals
asof left join warehouse.seeds.session_tiers as tiers
    on totals.currency_code = tiers.currency_code
    and totals.gmv_amount >= tiers.minimum_gmv_amount
