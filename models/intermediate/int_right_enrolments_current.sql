{{ restate(
    by='enrolment_id',
    images=['merchant_id', 'right_code'],
    affected_by={'stg_native__right_enrolments': 'enrolment_id'},
    recompute=requested_rows('stg_native__right_enrolments', 'enrolment_id', 'enrolled_at'),
) }}
-- One row per merchant's enrolment in a right: its newest delivered version.
with
current_versions as (
    select * from {{ latest_versions(ref('stg_native__right_enrolments'), 'enrolment_id') }}
),

final as (
    select
        * exclude (_counts, _changed_seq, _dt, _path, _row_number, _version_rank),
        {{ business_date('enrolled_at') }} as enrolled_date,
        {{ business_date('ended_at') }} as ended_date,
    from current_versions
)

select * from final
