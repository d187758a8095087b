-- Faults that the files hold on purpose.
-- Grain: one row per fault.
-- For: the list of planted against found. found_by says what must notice the fault.
select
    fault_id,
    kind,
    stage,
    path,
    row_number,
    entity,
    key,
    column_name,
    found_by,
    note,
from delivery.planted_faults
order by fault_id
