-- Joins `planted` with what the warehouse has noticed: `judged`, `kinds`, `alarms`.
-- Reads the attached databases `warehouse` and `marts`, and the table `audits` (by delivery).

-- What was noticed, by path. row_numbers are those known of row_count rows; none of a whole file.
create table seen as
with

noticed as (
    select
        deliveries.path,
        'quarantine' as found_by,
        count(*) as row_count,
        list(quarantine.row_number) as row_numbers,
    from warehouse.raw.quarantine as quarantine
    inner join warehouse.raw.deliveries as deliveries
        on quarantine.delivery_id = deliveries.delivery_id
    group by all
    union all
    select distinct
        path,
        status,
        1,
        []::bigint[],
    from warehouse.raw.deliveries
    where status in ('held', 'rejected', 'superseded')
    union all
    select
        deliveries.path,
        audits.found_by,
        audits.row_count,
        audits.row_numbers,
    from audits
    inner join warehouse.raw.deliveries as deliveries
        on audits.delivery_id = deliveries.delivery_id
)

select
    path,
    found_by,
    sum(row_count)::bigint as row_count,
    flatten(list(row_numbers)) as row_numbers,
from noticed
group by all;

-- Faults in the files that were delivered; an earlier content of a path leaves a second delivery.
create table delivered as
with

paths as (
    select
        path,
        count(*) as contents,
    from warehouse.raw.deliveries
    group by all
)

select planted.*
from planted
inner join paths on planted.path = paths.path
where planted.stage = 'landing' or paths.contents > 1;

create table judged as
with

counted as (
    select
        path,
        found_by,
        count(*) as row_count,
    from delivered
    group by all
),

waiting as (
    select
        entity,
        sum(row_count)::bigint as row_count,
    from marts.meta.waiting
    where waits_for = 'orders'
    group by all
),

orphans as (
    select
        entity,
        count(*) as row_count,
    from delivered
    where found_by = 'waiting'
    group by all
)

select
    delivered.*,
    case
        when delivered.found_by like 'nothing%' then null
        when delivered.found_by = 'waiting' then coalesce(waiting.row_count, 0) >= orphans.row_count
        when seen.path is null then false
        when delivered.row_number is null or len(seen.row_numbers) = 0 then true
        when list_contains(seen.row_numbers, delivered.row_number) then true
        -- An audit lists some rows only, and of two equal rows it names the later one.
        else seen.found_by <> 'quarantine' and seen.row_count >= counted.row_count
    end as is_found,
from delivered
left join seen on delivered.path = seen.path and delivered.found_by = seen.found_by
left join counted on delivered.path = counted.path and delivered.found_by = counted.found_by
left join waiting on delivered.entity = waiting.entity
left join orphans on delivered.entity = orphans.entity;

create table kinds as
select
    kind,
    found_by,
    count(*) as planted,
    if(bool_and(is_found is null), null, count(*) filter (where is_found)) as found,
from judged
group by all;

-- A refused row must be a planted one. Any other notice is explained by a fault of its file, or by a
-- file of the same feed and day that is there once more.
create table alarms as
with

planted_paths as (
    select
        path,
        count(*) filter (where found_by = 'quarantine') as refused,
    from delivered
    group by all
),

planted_folders as (
    select distinct parse_dirpath(path) as folder
    from delivered
    where row_number is null
)

select
    seen.path,
    seen.found_by,
    if(
        seen.found_by = 'quarantine',
        seen.row_count - coalesce(planted_paths.refused, 0),
        seen.row_count
    ) as row_count,
from seen
left join planted_paths on seen.path = planted_paths.path
left join planted_folders on parse_dirpath(seen.path) = planted_folders.folder
where
    if(
        seen.found_by = 'quarantine',
        seen.row_count > coalesce(planted_paths.refused, 0),
        planted_paths.path is null and planted_folders.folder is null
    )
    and seen.found_by <> 'superseded'
union all
select
    waiting.entity,
    'waiting for ' || waiting.waits_for,
    waiting.row_count - coalesce(orphans.row_count, 0),
from marts.meta.waiting as waiting
left join (
    select
        entity,
        'orders' as waits_for,
        count(*) as row_count,
    from delivered
    where found_by = 'waiting'
    group by all
) as orphans on waiting.entity = orphans.entity and waiting.waits_for = orphans.waits_for
where waiting.row_count > coalesce(orphans.row_count, 0);
