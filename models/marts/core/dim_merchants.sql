{{ restate(
    by='merchant_id',
    affected_by={'int_merchants_versioned': 'merchant_id'},
    recompute=requested_rows('int_merchants_versioned', 'merchant_id', 'valid_from'),
) }}
-- One row per merchant and version; [valid_from, valid_to) is when it was the newest one.
with
versions as (
    select * from {{ affected_rows(ref('int_merchants_versioned'), 'merchant_id') }}
),

final as (
    select
        merchant_id,
        source,
        merchant_name,
        merchant_type,
        province,
        city,
        lead(valid_from) over version_order is null as is_current,
        opened_at,
        valid_from,
        lead(valid_from) over version_order as valid_to,
    from versions
    window version_order as (partition by merchant_id order by valid_from)
)

select * from final
