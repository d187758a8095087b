-- One row per customer: the country of the latest row that names one.
select
    max(_row_number) as _row_number,
    customer_id,
    arg_max(country, (invoiced_at, _row_number)) as country,
    max(invoiced_at) as updated_at
from prepared
where customer_id is not null
group by customer_id
