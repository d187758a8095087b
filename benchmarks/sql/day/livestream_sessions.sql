-- The session of each new order, once more on this day.
select
    sessions.* replace (
        'new-' || session_id as session_id,
        getvariable('day') + interval 4 hour as started_at,
        getvariable('day') + interval 8 hour as ended_at,
        getvariable('day') + interval 9 hour as updated_at
    )
from (
    select * exclude (source, _delivery_id, _row_number)
    from raw.livestream_sessions
    qualify row_number() over (partition by session_id order by updated_at desc) = 1
) as sessions
where
    session_id in (
        select session_id
        from recent_lines
        inner join models_of_new_orders using (order_id)
    )
order by session_id
