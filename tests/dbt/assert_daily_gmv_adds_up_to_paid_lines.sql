-- Control total: the roll-up by channel and category sums to the paid lines and the refunds.
with
rolled_up as (
    select
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ ref('agg_gmv_daily') }}
    group by currency_code
),

paid as (
    select
        currency_code,
        sum(pay_amount) as gmv_amount,
    from {{ ref('fct_order_lines') }}
    where is_paid
    group by currency_code
),

refunded as (
    select
        currency_code,
        sum(refund_amount) as refunded_amount,
        sum(refund_amount) filter (where paid_date is not null) as cohort_refunded_amount,
    from {{ ref('fct_refunds') }}
    group by currency_code
)

select
    rolled_up.*,
    paid.gmv_amount as paid_lines_amount,
    refunded.refunded_amount as refunds_amount,
from rolled_up
left join paid on rolled_up.currency_code = paid.currency_code
left join refunded on rolled_up.currency_code = refunded.currency_code
where
    rolled_up.gmv_amount <> coalesce(paid.gmv_amount, 0)
    or rolled_up.refunded_amount <> coalesce(refunded.refunded_amount, 0)
    or rolled_up.cohort_refunded_amount <> coalesce(refunded.cohort_refunded_amount, 0)
