select
    * exclude (_counts, _changed_seq, _dt, _path, _row_number),
    business_date(source, applied_at) as applied_date,
    business_date(source, refunded_at) as refunded_date
from claim_versions
where _counts
qualify row_number() over (
    partition by claim_id
    order by updated_at desc, _dt desc, _path desc, _row_number desc
) = 1
