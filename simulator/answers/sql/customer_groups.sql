-- How many customers there are, by what is published of them.
-- Grain: one row per gender, year of birth, province and city of the newest version.
-- For: core.dim_customers, whose keys are pseudonyms.
with

newest as (
    select
        customer_id,
        arg_max_null(gender, updated_at) as gender,
        arg_max_null(birth_year, updated_at) as birth_year,
        arg_max_null(province, updated_at) as province,
        arg_max_null(city, updated_at) as city,
    from final.customers
    group by customer_id
)

select
    newest.gender,
    newest.birth_year,
    newest.province,
    newest.city,
    city_tiers.city_tier,
    count(*) as customer_count,
from newest
left join base.city_tiers on newest.city = city_tiers.city
group by all
order by all
