-- One row per control total of a file that counts and is about money of the month. The files of a
-- day may lie under the next one, but for bills. What a bill states is in yuan, what was loaded in
-- fen.
with

about_money as (
    select distinct delivery_id
    from raw.delivery_entities
    where
        entity in (
            'claims', 'refund_orders', 'channel_bill_lines', 'fund_flows', 'insurance_policies'
        )
),

bills as (
    select distinct delivery_id
    from raw.control_totals
    where contains(total_name, 'as stated')
),

files as (
    select deliveries.*
    from raw.deliveries as deliveries
    inner join about_money on deliveries.delivery_id = about_money.delivery_id
    left join bills on deliveries.delivery_id = bills.delivery_id
    where
        deliveries.status = 'accepted'
        and deliveries.dt
        between getvariable('first_date') and getvariable('last_date')
        + case when bills.delivery_id is null then interval 1 day else interval 0 day end
)

select
    files.delivery_id,
    files.source,
    files.feed,
    files.dt,
    files.path,
    files.sha256,
    files.rows_read,
    files.rows_accepted,
    files.rows_quarantined,
    totals.entity,
    totals.total_name,
    case when contains(totals.total_name, 'as stated') then 'as in the bill' else 'minor unit' end
        as unit,
    cast(totals.total_value as decimal(38, 2)) as total_value
from files
inner join raw.control_totals as totals on files.delivery_id = totals.delivery_id
order by files.source, files.feed, files.dt, files.path, totals.entity, totals.total_name
