{{ restate(
    by='dispute_id',
    images=['claim_id', 'judged_date'],
    affected_by={'stg_native__disputes': 'dispute_id'},
    recompute=requested_rows('stg_native__disputes', 'dispute_id', 'opened_at'),
) }}
-- One row per dispute: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__disputes'), 'dispute_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('opened_at') }} as opened_date,
        {{ business_date('judged_at') }} as judged_date,
    from current_versions
)

select * from final
