{{ restate(
    by='session_id',
    affected_by={
        'int_livestream_sessions_current': 'session_id',
        'fct_order_lines': 'session_id',
        'fct_refunds': 'session_id',
    },
    recompute=requested_rows('int_livestream_sessions_current', 'session_id', 'started_at'),
) }}
-- One row per livestream session and currency of its orders; a session without an order has one
-- row without a currency. GMV counts the paid orders that were placed in the session,
-- whenever they were paid. GPM = GMV / view person-times x 1000, UV value = GMV / viewers.
with
sessions as (
    select * from {{ affected_rows(ref('int_livestream_sessions_current'), 'session_id') }}
),

sold as (
    select
        session_id,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_order_lines'), 'session_id') }}
    where is_paid and session_id is not null
    group by all
),

refunded as (
    select
        session_id,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'session_id') }}
    where session_id is not null
    group by all
),

tiers as (
    select * from {{ ref('session_tiers') }}
),

money as (
    select
        session_id,
        currency_code,
        sold.paid_order_count,
        sold.buyer_count,
        sold.item_count,
        sold.gmv_amount,
        refunded.refunded_amount,
    from sold
    full outer join refunded using (session_id, currency_code)
),

totals as (
    select
        sessions.*,
        money.currency_code,
        coalesce(money.paid_order_count, 0) as paid_order_count,
        coalesce(money.buyer_count, 0) as buyer_count,
        coalesce(money.item_count, 0) as item_count,
        cast(coalesce(money.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(money.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
    from sessions
    left join money on sessions.session_id = money.session_id
),

session_tiers as (
    select
        totals.session_id,
        totals.currency_code,
        max_by(tiers.session_tier, tiers.minimum_gmv_amount) as session_tier,
    from totals
    inner join tiers
        on totals.currency_code = tiers.currency_code
        and totals.gmv_amount >= tiers.minimum_gmv_amount
    group by all
),

final as (
    select
        totals.session_id,
        totals.creator_id,
        totals.merchant_id,
        totals.source,
        totals.currency_code,
        totals.session_title,
        session_tiers.session_tier,
        totals.view_count,
        totals.viewer_count,
        totals.peak_online_count,
        totals.product_exposure_count,
        totals.product_click_count,
        totals.comment_count,
        totals.new_follower_count,
        totals.paid_order_count,
        totals.buyer_count,
        cast(totals.item_count as bigint) as item_count,
        totals.gmv_amount,
        totals.refunded_amount,
        cast(totals.gmv_amount - totals.refunded_amount as decimal(18, 2)) as net_amount,
        cast(totals.gmv_amount as double) / nullif(totals.view_count, 0) * 1000 as gpm,
        cast(totals.gmv_amount as double) / nullif(totals.viewer_count, 0) as uv_value,
        totals.buyer_count / nullif(totals.viewer_count, 0) as viewer_to_payer_rate,
        totals.product_click_count / nullif(totals.product_exposure_count, 0)
            as exposure_to_click_rate,
        totals.started_date,
        totals.started_at,
        totals.ended_at,
    from totals
    left join session_tiers
        on totals.session_id = session_tiers.session_id
        and totals.currency_code = session_tiers.currency_code
)

select * from final
