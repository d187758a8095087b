select
    columns(lambda name: not starts_with(name, '_'))
from line_versions
inner join (
    select line_id, max(_version_rank) as _version_rank
    from line_versions
    where _counts
    group by all
) as newest using (line_id, _version_rank)
where _counts
