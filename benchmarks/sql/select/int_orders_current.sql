select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    coalesce(paid_at, created_at) as attributed_at,
    business_date(source, created_at) as created_date,
    business_date(source, paid_at) as paid_date
from order_versions
where _counts
qualify row_number() over (
    partition by order_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
