{{ config(event_time='created_at') }}
-- One row per order line with its order's time of payment.
select
    order_lines.* exclude (_counts, _changed_seq, _dt, _path, _row_number),
    orders.paid_at,
    orders.customer_key
from {{ ref('line_versions') }} as order_lines
inner join {{ ref('mb_orders') }} as orders using (order_id)
where order_lines._counts
qualify row_number() over (
    partition by order_lines.line_id
    order by order_lines.updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
