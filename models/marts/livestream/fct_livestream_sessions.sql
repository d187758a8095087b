{{ restate(
    by='session_id',
    images=['started_date'],
    affected_by={
        'int_livestream_sessions_measured': 'session_id',
        'int_ad_spend_current': 'session_id',
        'fct_order_lines': 'session_id',
        'fct_refunds': 'session_id',
    },
    recompute=requested_rows('int_livestream_sessions_measured', 'session_id', 'started_at'),
) }}
-- One row per livestream session and currency of its orders and advertising, if it has any. Money
-- is that of the orders placed in the session, whenever they were paid.
with
sessions as (
    select * from {{ affected_rows(ref('int_livestream_sessions_measured'), 'session_id') }}
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

spent as (
    select
        session_id,
        currency_code,
        sum(spend_amount) as ad_cost_amount,
    from {{ affected_rows(ref('int_ad_spend_current'), 'session_id') }}
    group by all
),

money as (
    select
        session_id,
        currency_code,
        sold.* exclude (session_id, currency_code),
        refunded.refunded_amount,
        spent.ad_cost_amount,
    from sold
    full outer join refunded using (session_id, currency_code)
    full outer join spent using (session_id, currency_code)
),

totals as (
    select
        sessions.*,
        money.currency_code,
        coalesce(money.paid_order_count, 0) as paid_order_count,
        coalesce(money.buyer_count, 0) as buyer_count,
        cast(coalesce(money.item_count, 0) as bigint) as item_count,
        cast(coalesce(money.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(money.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(money.ad_cost_amount, 0) as decimal(18, 2)) as ad_cost_amount,
    from sessions
    left join money on sessions.session_id = money.session_id
),

final as (
    select
        session_id,
        creator_id,
        merchant_id,
        source,
        currency_code,
        session_title,
        (
            select max_by(tiers.session_tier, tiers.minimum_gmv_amount)
            from {{ ref('session_tiers') }} as tiers
            where
                tiers.currency_code = totals.currency_code
                and tiers.minimum_gmv_amount <= totals.gmv_amount
        ) as session_tier,
        view_count,
        viewer_count,
        peak_online_count,
        product_exposure_count,
        product_click_count,
        comment_count,
        new_follower_count,
        paid_order_count,
        buyer_count,
        item_count,
        gmv_amount,
        refunded_amount,
        cast(gmv_amount - refunded_amount as decimal(18, 2)) as net_amount,
        ad_cost_amount,
        average_concurrency,
        cast(gmv_amount as double) / nullif(view_count, 0) * 1000 as gpm,
        cast(gmv_amount as double) / nullif(viewer_count, 0) * 1000 as gpm_viewer,
        cast(gmv_amount as double) / nullif(viewer_count, 0) as uv_value,
        cast(gmv_amount as double) / nullif(ad_cost_amount, 0) as roi,
        buyer_count / nullif(viewer_count, 0) as viewer_to_payer_rate,
        product_click_count / nullif(product_exposure_count, 0) as exposure_to_click_rate,
        paid_order_count / nullif(product_click_count, 0) as click_to_pay_rate,
        started_date,
        started_at,
        ended_at,
    from totals
)

select * from final
