{{ restate(
    by='policy_id',
    affected_by={'stg_native__insurance_policies': 'policy_id'},
    recompute=requested_rows('stg_native__insurance_policies', 'policy_id', 'insured_at'),
) }}
-- One row per insurance policy: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__insurance_policies'), 'policy_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('insured_at') }} as insured_date,
        {{ business_date('paid_out_at') }} as paid_out_date,
    from current_versions
)

select * from final
