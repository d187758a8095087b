select
    columns(lambda name: not starts_with(name, '_')),
    coalesce(paid_at, created_at) as attributed_at,
    business_date(source, created_at) as created_date,
    business_date(source, paid_at) as paid_date
from order_versions
inner join (
    select order_id, max(_version_rank) as _version_rank
    from order_versions
    where _counts
    group by all
) as newest using (order_id, _version_rank)
where _counts
