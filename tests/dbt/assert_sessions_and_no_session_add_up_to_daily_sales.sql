-- Control total of every day: sessions, with `none` for what was sold outside any, sell and refund
-- what the platform does, to the fen.
{%- set daily = ['agg_session_sales_daily', 'agg_gmv_daily'] %}
with
sessions as (
    select
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ unaudited_rows(ref('agg_session_sales_daily'), 'business_date', daily) }}
    group by all
),

platform as (
    select
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ unaudited_rows(ref('agg_gmv_daily'), 'business_date', daily) }}
    group by all
),

differing as (
    select
        coalesce(sessions.business_date, platform.business_date) as business_date,
        coalesce(sessions.currency_code, platform.currency_code) as currency_code,
        sessions.gmv_amount as sessions_gmv_amount,
        platform.gmv_amount as platform_gmv_amount,
        sessions.refunded_amount as sessions_refunded_amount,
        platform.refunded_amount as platform_refunded_amount,
    from sessions
    full outer join platform
        on sessions.business_date = platform.business_date
        and sessions.currency_code = platform.currency_code
    where
        sessions.gmv_amount is distinct from platform.gmv_amount
        or sessions.refunded_amount is distinct from platform.refunded_amount
        or sessions.cohort_refunded_amount is distinct from platform.cohort_refunded_amount
)

select * from differing
