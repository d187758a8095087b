-- One row per control total of a file that counts and is about money of the month. The files of a
-- day may lie under the next one.
select
    deliveries.delivery_id,
    deliveries.source,
    deliveries.feed,
    deliveries.dt,
    deliveries.path,
    deliveries.sha256,
    deliveries.rows_read,
    deliveries.rows_accepted,
    deliveries.rows_quarantined,
    totals.entity,
    totals.total_name,
    cast(totals.total_value as decimal(38, 2)) as total_value
from raw.deliveries as deliveries
inner join raw.control_totals as totals using (delivery_id)
where
    deliveries.status = 'accepted'
    and (
        totals.entity in (
            'claims', 'refund_orders', 'channel_bill_lines', 'fund_flows', 'insurance_policies'
        )
        or totals.entity = deliveries.feed
    )
    and deliveries.dt between getvariable('first_date') and getvariable('last_date')
    + interval 1 day
order by deliveries.source, deliveries.feed, deliveries.dt, deliveries.path, totals.total_name
