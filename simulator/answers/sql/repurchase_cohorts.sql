-- First-time buyers of a month who buy again within N days.
-- Grain: one row per month (first day) and N = 30, 90, 180.
-- For: customers.agg_repurchase_cohorts. Orders are paid and not refunded in full. A buyer belongs to the
-- month of his first such order; he buys again when his second lies at most N days later, by
-- business date (an order on the same day counts). is_mature: N days have passed for all of the
-- month.
with

buyers as (
    select
        customer_id,
        min(paid_date, 2) as first_two,
        first_two[1] as first_date,
        first_two[2] as second_date,
    from base.kept_orders
    group by all
),

spans (span_days) as (values (30), (90), (180))

select
    date_trunc('month', first_date)::date as month,
    span_days,
    count(*) as buyer_count,
    count(*) filter (where second_date <= first_date + span_days) as repeated_buyer_count,
    repeated_buyer_count / buyer_count as repurchase_rate,
    last_day(month) + span_days <= any_value(to_date) as is_mature,
from buyers
cross join spans
cross join truth.parameters
group by month, span_days
order by month, span_days
