-- One row per source. Its settings are part of the fingerprint of every model that reads raw, so
-- no row of it counts as changed.
select
    sources.source,
    sources.time_zone,
    sources.currency_code,
    cast(0 as bigint) as _changed_seq,
from {{ source('manifest', 'sources') }} as sources
