-- New orders, and updated ones that are now finished.
select
    recent_orders.* exclude (created_date, shift) replace (
        'new-' || order_id as order_id,
        case when paid_at is null then 1 else 105 end as order_status,
        created_at + shift as created_at,
        paid_at + shift as paid_at,
        null::timestamp as shipped_at,
        null::timestamp as finished_at,
        coalesce(paid_at, created_at) + shift as updated_at
    )
from (
    select
        recent_orders.*,
        to_days((getvariable('day')::date - created_date)::integer) as shift
    from recent_orders
    inner join models_of_new_orders using (order_id)
) as recent_orders
union all by name
select
    recent_orders.* exclude (created_date) replace (
        5 as order_status,
        coalesce(shipped_at, getvariable('day') - interval 1 hour) as shipped_at,
        getvariable('day') + interval 6 hour as finished_at,
        getvariable('day') + interval 6 hour as updated_at
    )
from recent_orders
where order_id in (select order_id from updated_orders)
order by order_id
