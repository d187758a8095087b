-- One row per delivery of a file, whatever became of it. Livestream feeds land during the day:
-- their newest date says nothing of whether that day is over.
select
    deliveries.delivery_id as delivery_number,
    deliveries.source,
    deliveries.feed,
    deliveries.feed not in ('livestream_sessions', 'livestream_traffic') as is_daily,
    deliveries.dt as delivered_date,
    deliveries.status = 'accepted' as _counts,
    deliveries.change_seq as _changed_seq,
from {{ source('manifest', 'deliveries') }} as deliveries
