{{ config(event_time='created_at') }}
-- One row per delivered version of a line, with the time of its order: a line has none itself.
select
    order_lines.*,
    orders.created_at
from {{ source('staging', 'stg_native__order_lines') }} as order_lines
inner join (
    select order_id, min(created_at) as created_at
    from {{ source('staging', 'stg_native__orders') }}
    group by order_id
) as orders using (order_id)
