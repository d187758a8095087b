with placed as (
    select
        created_date as business_date, currency_code,
        count(*) as placed_order_count,
        sum(order_amount) as placed_amount
    from placed_orders
    group by all
),

paid as (
    select
        paid_date as business_date, currency_code,
        count(*) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        count(distinct merchant_id) as merchant_count,
        sum(pay_amount) as gmv_amount
    from paid_orders
    group by all
),

sold as (
    select
        paid_date as business_date, currency_code,
        count(*) as paid_line_count,
        count(distinct product_id) as product_count,
        sum(item_count) as item_count
    from paid_lines
    group by all
),

refunded as (
    select
        refunded_date as business_date, currency_code,
        count(distinct claim_id) as refund_count,
        sum(refund_amount) as refunded_amount
    from refunds_of_day
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date, currency_code, sum(refund_amount) as cohort_refunded_amount
    from refunds_of_cohort
    group by all
),

days as (
    from placed
    full outer join paid using (business_date, currency_code)
    full outer join sold using (business_date, currency_code)
    full outer join refunded using (business_date, currency_code)
    full outer join cohort_refunded using (business_date, currency_code)
)

select
    currency_code,
    coalesce(placed_order_count, 0) as placed_order_count,
    coalesce(paid_order_count, 0) as paid_order_count,
    coalesce(paid_line_count, 0) as paid_line_count,
    coalesce(item_count, 0)::bigint as item_count,
    coalesce(buyer_count, 0) as buyer_count,
    coalesce(merchant_count, 0) as merchant_count,
    coalesce(product_count, 0) as product_count,
    coalesce(refund_count, 0) as refund_count,
    coalesce(placed_amount, 0)::decimal(18, 2) as placed_amount,
    coalesce(gmv_amount, 0)::decimal(18, 2) as gmv_amount,
    coalesce(refunded_amount, 0)::decimal(18, 2) as refunded_amount,
    coalesce(cohort_refunded_amount, 0)::decimal(18, 2) as cohort_refunded_amount,
    (coalesce(gmv_amount, 0) - coalesce(refunded_amount, 0))::decimal(18, 2) as net_cash_amount,
    (coalesce(gmv_amount, 0) - coalesce(cohort_refunded_amount, 0))::decimal(18, 2)
        as net_cohort_amount,
    business_date
from days
