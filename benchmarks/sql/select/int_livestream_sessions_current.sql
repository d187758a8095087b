select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, started_at) as started_date
from session_versions
where _counts
qualify row_number() over (
    partition by session_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
