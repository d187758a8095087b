-- Control total of every day: sessions, with `none` for what was sold outside any, sell and refund what
-- the platform does, to the fen.
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
)

(select * from sessions except all select * from platform)
union all
(select * from platform except all select * from sessions)
