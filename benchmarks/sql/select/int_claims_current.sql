select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, applied_at) as applied_date,
    business_date(source, refunded_at) as refunded_date
from claim_versions
inner join (
    select claim_id, max(_version_rank) as _version_rank
    from claim_versions
    where _counts
    group by all
) as newest using (claim_id, _version_rank)
where _counts
