{{ restate(
    by='review_id',
    images=['order_id', 'reviewed_date'],
    affected_by={'stg_native__reviews': 'review_id'},
    recompute=requested_rows('stg_native__reviews', 'review_id', 'reviewed_at'),
) }}
-- One row per review: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__reviews'), 'review_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('reviewed_at') }} as reviewed_date,
    from current_versions
)

select * from final
