-- Lines of the new orders; lines of updated orders that have now been received.
select
    recent_lines.* replace (
        'new-' || line_id as line_id,
        'new-' || order_id as order_id,
        'new-' || session_id as session_id,
        null::timestamp as received_at,
        getvariable('day') + interval 9 hour as updated_at
    )
from recent_lines
where order_id in (select order_id from models_of_new_orders)
union all by name
select
    recent_lines.* replace (
        getvariable('day') + interval 5 hour as received_at,
        getvariable('day') + interval 6 hour as updated_at
    )
from recent_lines
where order_id in (select order_id from updated_orders) and received_at is null
order by line_id
