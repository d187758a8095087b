-- No rows: a bill of type SUCCESS holds payments. What counts is that it came, with its totals.
select
    _row_number,
    cast(null as varchar) as bill_line_id,
    cast(null as varchar) as pay_channel,
    cast(null as varchar) as line_type,
    cast(null as varchar) as bill_status,
    cast(null as bigint) as amount,
    cast(null as date) as bill_date,
    cast(null as timestamp) as transacted_at,
    cast(null as timestamp) as updated_at
from delivered
where false
