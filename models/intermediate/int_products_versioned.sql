{{ restate(
    by='product_id',
    images=['valid_from'],
    affected_by={'stg_native__products': 'product_id'},
    recompute=requested_rows('stg_native__products', 'product_id', 'updated_at'),
) }}
-- One row per product and version time. The end of validity is left to the reader: derived
-- from a neighbour, it would make each new version touch its predecessor.
with
distinct_versions as (
    select *
    from {{ latest_versions(
        ref('stg_native__products'), 'product_id, updated_at', unit='product_id'
    ) }}
),

final as (
    select
        * exclude (updated_at, _counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        updated_at as valid_from,
    from distinct_versions
)

select * from final
