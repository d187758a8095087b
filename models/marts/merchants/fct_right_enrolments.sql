{{ restate(
    by='enrolment_id',
    images=['right_code'],
    affected_by={'int_right_enrolments_current': 'enrolment_id'},
    recompute=requested_rows('int_right_enrolments_current', 'enrolment_id', 'enrolled_at'),
) }}
-- One row per merchant's enrolment in a right, in its current state.
with
enrolments as (
    select * from {{ affected_rows(ref('int_right_enrolments_current'), 'enrolment_id') }}
),

final as (
    select
        enrolment_id,
        merchant_id,
        source,
        right_code,
        enrolled_date,
        ended_date,
        enrolled_at,
        ended_at,
    from enrolments
)

select * from final
