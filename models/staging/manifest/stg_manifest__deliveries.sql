-- One row per delivery of a file, whatever became of it. Sessions and traffic land during the day:
-- the newest date of files that hold nothing else says nothing of whether that day is over.
select
    deliveries.delivery_id as delivery_number,
    deliveries.source,
    deliveries.feed,
    deliveries.delivery_id in (
        select held.delivery_id
        from {{ source('manifest', 'delivery_entities') }} as held
        where held.entity not in ('livestream_sessions', 'livestream_traffic')
    ) as is_daily,
    deliveries.dt as delivered_date,
    deliveries.status = 'accepted' as _counts,
    deliveries.change_seq as _changed_seq,
from {{ source('manifest', 'deliveries') }} as deliveries
