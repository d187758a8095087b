{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_refund_breaks': 'reconciliation_key',
        'int_data_clock': '
            select reconciliation_key from changes inner join int_refund_breaks using (source)
            where
                healed_at is null
                or data_date is null
                or healed_at > data_date - interval 2 day
        ',
    },
    recompute='select reconciliation_key from int_refund_breaks cross join requested',
) }}
-- One row per thing that is missing or wrong, or was, as of the data clock: on its way while its
-- term runs, then open, then healed. Its age runs from the time at which it was due. What was
-- healed before both the old clock and the new one does not change.
with
breaks as (
    select * from {{ affected_rows(ref('int_refund_breaks'), 'reconciliation_key') }}
),

clocks as (
    select
        source,
        timezone('UTC', timezone(time_zone, cast(data_date + 1 as timestamp))) as now_at,
    from {{ ref('int_data_clock') }}
),

classes as (
    select *
    from {{ ref('break_classes') }}
    qualify row_number() over (partition by break_class order by valid_from desc) = 1
),

judged as (
    select
        breaks.*,
        case
            when breaks.healed_at <= clocks.now_at then 'healed'
            when breaks.break_class <> 'IN_TRANSIT' and breaks.opens_at <= clocks.now_at then 'open'
            else 'in_transit'
        end as break_status,
        greatest(0, date_sub('hour', breaks.due_at, clocks.now_at)) as age_hours,
    from breaks
    inner join clocks on breaks.source = clocks.source
),

final as (
    select
        judged.* exclude (age_hours),
        case when judged.break_status <> 'healed' then judged.age_hours end as age_hours,
        ageing_buckets.ageing_bucket,
        case when judged.break_status = 'in_transit' then in_transit.owner else classes.owner end
            as owner,
        case when judged.break_status = 'in_transit' then 1 else classes.severity end as severity,
        classes.sla_hours,
        {{ business_date('opens_at', 'judged.source') }} as opened_date,
        {{ business_date('healed_at', 'judged.source') }} as healed_date,
    from judged
    left join classes on judged.break_class = classes.break_class
    left join classes as in_transit on in_transit.break_class = 'IN_TRANSIT'
    left join {{ ref('ageing_buckets') }} as ageing_buckets
        on judged.break_status <> 'healed'
        and judged.age_hours >= ageing_buckets.from_hours
        and judged.age_hours < coalesce(ageing_buckets.to_hours, 1e9)
)

select * from final
