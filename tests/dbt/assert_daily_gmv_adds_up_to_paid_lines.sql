-- Control total of every day: the roll-up by channel and category sums to the paid lines and the
-- refunds.
with
rolled_up as (
    select
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ ref('agg_gmv_daily') }}
    group by all
),

counted as (
    select
        paid_date as business_date,
        currency_code,
        pay_amount as gmv_amount,
        0 as refunded_amount,
        0 as cohort_refunded_amount,
    from {{ ref('fct_order_lines') }}
    where is_paid
    union all
    select
        refunded_date as business_date,
        currency_code,
        0 as gmv_amount,
        refund_amount as refunded_amount,
        0 as cohort_refunded_amount,
    from {{ ref('fct_refunds') }}
    union all
    select
        paid_date as business_date,
        currency_code,
        0 as gmv_amount,
        0 as refunded_amount,
        refund_amount as cohort_refunded_amount,
    from {{ ref('fct_refunds') }}
    where paid_date is not null
),

expected as (
    select
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from counted
    group by all
)

select
    business_date,
    currency_code,
    rolled_up.* exclude (rolled_up.business_date, rolled_up.currency_code),
    expected.gmv_amount as paid_lines_amount,
    expected.refunded_amount as refunds_amount,
    expected.cohort_refunded_amount as cohort_refunds_amount,
from rolled_up
full outer join expected using (business_date, currency_code)
where
    coalesce(rolled_up.gmv_amount, 0) <> coalesce(expected.gmv_amount, 0)
    or coalesce(rolled_up.refunded_amount, 0) <> coalesce(expected.refunded_amount, 0)
    or coalesce(rolled_up.cohort_refunded_amount, 0)
    <> coalesce(expected.cohort_refunded_amount, 0)
