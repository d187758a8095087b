-- One row per delivered version of customers; superseded ones stay as before images. So does the
-- bare key of an erased customer, whose versions are empty: it counts nowhere.
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
    {{ lineage_columns('customers', erasable=true) }}
from {{ delivered_rows('customers') }} as customers
inner join {{ ranked_deliveries() }} as deliveries
    on customers._delivery_id = deliveries.delivery_id
left join {{ source('manifest', 'customer_pseudonyms') }} as pseudonyms
    on customers.customer_id = pseudonyms.customer_id
where customers.customer_id is not null
union all by name
select
    customer_key,
    false as _counts,
    change_seq as _changed_seq,
    'raw.erasures' as _path,
    0 as _row_number
from {{ source('manifest', 'erasures') }}
