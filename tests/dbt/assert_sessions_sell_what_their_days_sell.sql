-- The money of a delivered session is the sum of its days.
with
days as (
    select
        session_id,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
    from {{ ref('agg_session_sales_daily') }}
    group by all
)

select
    sessions.session_id,
    sessions.currency_code,
    sessions.gmv_amount,
    sessions.refunded_amount,
    days.gmv_amount as gmv_amount_of_days,
    days.refunded_amount as refunded_amount_of_days,
from {{ ref('fct_livestream_sessions') }} as sessions
left join days
    on sessions.session_id = days.session_id
    and sessions.currency_code = days.currency_code
where
    sessions.gmv_amount <> coalesce(days.gmv_amount, 0)
    or sessions.refunded_amount <> coalesce(days.refunded_amount, 0)
