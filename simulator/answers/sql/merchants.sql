-- Versions of merchants as delivered.
-- Grain: one row per merchant and version.
-- For: core.dim_merchants. valid_from is the version's own time, valid_to the next version's.
select
    merchant_id,
    merchant_name,
    merchant_type,
    province,
    city,
    opened_at,
    updated_at as valid_from,
    lead(updated_at) over (partition by merchant_id order by updated_at) as valid_to,
    valid_to is null as is_current,
from final.merchants
order by merchant_id, valid_from
