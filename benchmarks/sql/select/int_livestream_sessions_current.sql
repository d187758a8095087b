select
    columns(lambda name: not starts_with(name, '_')),
    business_date(source, started_at) as started_date
from session_versions
inner join (
    select session_id, max(_version_rank) as _version_rank
    from session_versions
    where _counts
    group by all
) as newest using (session_id, _version_rank)
where _counts
