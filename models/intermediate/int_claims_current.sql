{{ restate(
    by='claim_id',
    affected_by={'stg_native__claims': 'claim_id'},
    recompute=requested_rows('stg_native__claims', 'claim_id', 'applied_at'),
) }}
-- One row per claim: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__claims'), 'claim_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('applied_at') }} as applied_date,
        {{ business_date('refunded_at') }} as refunded_date,
        {{ business_date('approved_at') }} as approved_date,
        {{ business_date('ended_at') }} as ended_date,
    from current_versions
)

select * from final
{{ clustered_by('applied_date') }}
