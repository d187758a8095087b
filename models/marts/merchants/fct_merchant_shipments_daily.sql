{{ restate(
    by='business_date',
    affected_by={
        'int_shipments_current':
            'select pickup_due_date from changes union all select delivery_due_date from changes',
        'fct_orders': '
            select pickup_due_date
            from changes inner join int_shipments_current using (order_id)
            union all
            select delivery_due_date
            from changes inner join int_shipments_current using (order_id)
        ',
    },
) }}
-- One row per merchant and business date on which the carrier should have had, or delivered, a
-- parcel: how many were due, and how many were in time.
with
pickups as (
    select * from {{ affected_rows(ref('int_shipments_current'), 'pickup_due_date') }}
),

deliveries as (
    select * from {{ affected_rows(ref('int_shipments_current'), 'delivery_due_date') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

due as (
    select
        order_id,
        pickup_due_date as business_date,
        1 as pickup_due,
        cast(coalesce(picked_up_at <= pickup_due_at, false) as integer) as pickup_on_time,
        0 as delivery_due,
        0 as delivery_on_time,
    from pickups
    where pickup_due_date is not null
    union all
    select
        order_id,
        delivery_due_date as business_date,
        0 as pickup_due,
        0 as pickup_on_time,
        1 as delivery_due,
        cast(coalesce(delivered_at <= delivery_due_at, false) as integer) as delivery_on_time,
    from deliveries
    where delivery_due_date is not null
),

final as (
    select
        orders.merchant_id,
        orders.source,
        cast(sum(due.pickup_due) as bigint) as pickup_due_count,
        cast(sum(due.pickup_on_time) as bigint) as pickup_on_time_count,
        cast(sum(due.delivery_due) as bigint) as delivery_due_count,
        cast(sum(due.delivery_on_time) as bigint) as delivery_on_time_count,
        due.business_date,
    from due
    inner join orders on due.order_id = orders.order_id
    group by orders.merchant_id, orders.source, due.business_date
)

select * from final
