{{ config(event_time='refunded_day') }}
-- One row per day of a refund.
select
    date_trunc('day', refunded_at) as refunded_day,
    count(*) as refund_count,
    sum(refund_amount) as refund_amount
from {{ ref('mb_claims') }}
where refund_status = 3
group by all
