{{ config(event_time='created_at') }}
-- One row per day of creation and channel: what was sold.
select
    date_trunc('day', created_at) as created_at,
    channel,
    count(*) as line_count,
    count(distinct customer_key) as buyer_count,
    sum(item_count) as item_count,
    sum(pay_amount) as pay_amount
from {{ ref('mb_order_lines') }}
where paid_at is not null
group by all
