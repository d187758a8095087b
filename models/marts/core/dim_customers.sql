{{ restate(
    by='customer_key',
    affected_by={'int_customers_current': 'customer_key'},
    recompute=requested_rows('int_customers_current', 'customer_key', 'updated_at'),
) }}
-- One row per customer under its keyed hash, with the current profile.
with
customers as (
    select * from {{ affected_rows(ref('int_customers_current'), 'customer_key') }}
),

city_tiers as (
    select * from {{ ref('city_tiers') }}
),

final as (
    select
        customers.customer_key,
        customers.source,
        coalesce(customers.gender, 'unknown') as gender,
        customers.country,
        customers.province,
        customers.city,
        city_tiers.city_tier,
        customers.birth_year,
        customers.registered_at,
        customers.updated_at,
    from customers
    left join city_tiers on customers.city = city_tiers.city
)

select * from final
