{{ restate(by='category_id', affected_by={}) }}
-- One row per product category of the first level.
with
categories as (
    select * from {{ ref('categories') }}
),

final as (
    select
        category_id,
        category_name_zh,
        category_name,
        no_reason_return,
        is_fresh,
        has_allergy_right,
        has_fresh_right,
    from categories
)

select * from final
