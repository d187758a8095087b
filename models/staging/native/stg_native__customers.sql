-- One row per delivered version of customers; superseded ones stay as before images.
select
    customers.source,
    pseudonyms.customer_key,
    customers.gender,
    customers.birth_year,
    customers.province,
    customers.city,
    customers.country,
    customers.registered_at,
    customers.updated_at,
    {{ lineage_columns('customers') }}
from {{ delivered_rows('customers') }} as customers
inner join {{ ranked_deliveries() }} as deliveries
    on customers._delivery_id = deliveries.delivery_id
left join {{ source('manifest', 'customer_pseudonyms') }} as pseudonyms
    on customers.customer_id = pseudonyms.customer_id
