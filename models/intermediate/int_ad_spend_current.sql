{{ restate(
    by='ad_spend_id',
    images=['session_id'],
    affected_by={'stg_native__ad_spend': 'ad_spend_id'},
    recompute=requested_rows('stg_native__ad_spend', 'ad_spend_id', 'spent_at'),
) }}
-- One row per amount spent on advertising: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__ad_spend'), 'ad_spend_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('spent_at') }} as spent_date,
    from current_versions
)

select * from final
