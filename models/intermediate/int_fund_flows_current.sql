{{ restate(
    by='fund_flow_id',
    affected_by={'stg_native__fund_flows': 'fund_flow_id'},
    recompute=requested_rows('stg_native__fund_flows', 'fund_flow_id', 'flowed_at'),
) }}
-- One row per movement on a funding account: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__fund_flows'), 'fund_flow_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('flowed_at') }} as flowed_date,
    from current_versions
)

select * from final
