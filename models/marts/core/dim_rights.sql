{{ restate(by='right_code', affected_by={}) }}
-- One row per consumer right and dated rule; [valid_from, valid_to) in business dates of payment.
with
right_rules as (
    select * from {{ ref('right_rules') }}
),

final as (
    select
        right_code,
        name_zh,
        name_en,
        category_scope,
        window_anchor,
        window_unit,
        approver,
        payer,
        basis,
        confidence,
        window_value,
        compensation_multiple,
        response_hours,
        is_active,
        is_mandatory,
        includes_refund as has_refund,
        valid_from,
        lead(valid_from) over (partition by right_code order by valid_from) as valid_to,
    from right_rules
)

select * from final
