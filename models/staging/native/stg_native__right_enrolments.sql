-- One row per delivered version of right enrolments; superseded ones stay as before images.
select
    right_enrolments.source,
    right_enrolments.enrolment_id,
    right_enrolments.merchant_id,
    right_enrolments.right_code,
    right_enrolments.enrolled_at,
    right_enrolments.ended_at,
    right_enrolments.updated_at,
    {{ lineage_columns('right_enrolments') }}
from {{ delivered_rows('right_enrolments') }} as right_enrolments
inner join {{ ranked_deliveries() }} as deliveries
    on right_enrolments._delivery_id = deliveries.delivery_id
