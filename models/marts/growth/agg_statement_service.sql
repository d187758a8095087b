{{ restate(
    by='figure',
    affected_by={
        'dim_rights':
            "select unnest(['allergy_window_days', 'fresh_window_hours',"
            " 'mandatory_right_count', 'right_count']) from changes",
        'dim_categories': "select 'fresh_no_reason_count' from changes",
        'dim_merchants': "select 'platform_partner_count' from changes",
        'fct_claims':
            "select unnest(['fresh_case_count', 'beauty_case_count',"
            " 'category_claims_served_count', 'impulse_refund_count']) from changes",
    },
    recompute="select unnest(['allergy_window_days', 'fresh_window_hours',"
        " 'mandatory_right_count', 'right_count', 'fresh_no_reason_count',"
        " 'platform_partner_count', 'fresh_case_count', 'beauty_case_count',"
        " 'category_claims_served_count', 'impulse_refund_count']) from requested",
) }}
-- One row per figure of the published statements about rights, claims and partners that has a
-- value in these data; the rights are those in force when the articles tell of them. A case is
-- told of by its amount and times; any claim like it counts.
with
rights as (
    select * from {{ ref('dim_rights') }}
    where
        valid_from <= date '2021-08-31'
        and coalesce(valid_to > date '2021-08-31', true)
),

claims as (
    select * from {{ ref('fct_claims') }}
),

measured as (
    select
        (
            select max(window_value) from rights
            where right_code = 'R7' and window_unit = 'day'
        ) as allergy_window_days,
        (
            select max(window_value) from rights
            where right_code = 'R6' and window_unit = 'hour'
        ) as fresh_window_hours,
        (
            select count(*) from rights
            where is_mandatory
        ) as mandatory_right_count,
        (select count(*) from rights) as right_count,
        (
            select count(*) from {{ ref('dim_categories') }}
            where category_id = 'fresh' and no_reason_return <> 'no'
        ) as fresh_no_reason_count,
        (
            select count(*) from {{ ref('dim_merchants') }}
            where merchant_type = 'platform_partner' and is_current
        ) as platform_partner_count,
        (
            select count(*) from claims
            where
                right_code = 'R6'
                and refund_amount = 368
                and refunded_date between date '2021-08-01' and date '2021-08-31'
                and refunded_date = applied_date
                and apply_to_approve_seconds < 5 * 3600
        ) as fresh_case_count,
        (
            select count(*) from claims
            where
                right_code = 'R7'
                and refund_amount = 1490
                and refunded_date between date '2021-06-01' and date '2021-08-31'
                and apply_to_approve_seconds <= 180
                and refunded_at >= return_received_at
        ) as beauty_case_count,
        (
            select count(*) from claims
            where
                is_served
                and right_code in ('R6', 'R7')
                and served_date <= date '2021-08-31'
        ) as category_claims_served_count,
        (
            select count(*) from claims
            where is_refunded and is_impulse and not is_compensation
        ) as impulse_refund_count,
),

figures as (
    select cast(columns(*) as double) from measured
),

unpivoted as (
    unpivot figures on columns(*) into name figure value computed_value
),

final as (
    select
        figure,
        computed_value,
    from unpivoted
)

select * from final
