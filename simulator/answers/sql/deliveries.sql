-- Delivered files with their rows and what must become of them.
-- Grain: one row per path and stage (`earlier` stands at its path before `landing` replaces it).
-- For: meta.deliveries. rows_read = rows_accepted + rows_quarantined in every file that can be
-- read.
select
    path,
    stage,
    feed,
    dt,
    rows_read,
    rows_accepted,
    rows_quarantined,
    status,
from delivery.files
order by path, stage
