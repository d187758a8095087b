"""The profile of new deliveries: one row per delivery and entity, and one per file.

Columns, all null where they do not apply:
    `_delivery_id`, `entity`    the key; `file` stands for the file itself
    rows_read                   rows of the file
    rows_accounted              accepted plus quarantined rows of the file
    quarantined_rate            share of the file's rows that is in quarantine
    emptied_row_count           rows of the accepted file that one without an accepted row replaces
    same_content_count          other files of the feed with the same content, facts only
    row_count, stored_row_count rows that the loader accepted, rows that stand in the raw table
    duplicate_rate              share of rows that repeat key and version within the delivery
    total_gap                   largest difference of a control total and the raw rows' sum
    volume_factor               how many times more or fewer rows than the trailing median;
                                null while both are few
    amount_factor               the same for the mean amount of a row, the worst control total
    <rates>                     what the suites of the entities ask for
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orchestration.ingestion.contract import Entity
from orchestration.quality.contract import readable
from orchestration.quality.versions import VERSIONS, drop_versions, make_versions

if TYPE_CHECKING:
    import duckdb

TRAILING_DAYS = 28
"""How far back, in dt, the usual volume and amount are looked for."""
ENOUGH_DELIVERIES = 7
"""With fewer accepted deliveries in that time nothing is called usual."""
ENOUGH_ROWS = 20
"""Between fewer rows than these a factor says nothing."""
FAR = 1_000_000_000
"""The factor between something and nothing."""

AUDITED = "temp.audited_deliveries"
SCANNED = "temp.audited_entities"
PROFILE = "temp.audited_profile"


def make_profile(
    connection: duckdb.DuckDBPyConnection,
    deliveries: Sequence[int],
    rates: Mapping[str, Mapping[str, str]],
    entities: Mapping[str, Entity],
) -> None:
    """Make the temporary tables of the audits; every raw table is scanned once.

    Args:
        connection: Holds the raw tables; keeps the temporary ones.
        deliveries: Ids of the deliveries to be audited.
        rates: SQL aggregates by entity and name.
        entities: The raw contract.
    """
    connection.execute(f"create or replace temp table {AUDITED} (delivery_id bigint)")
    connection.execute(f"insert into {AUDITED} select unnest($1::bigint[])", [list(deliveries)])
    names = {name for found in rates.values() for name in found}
    scans = [_scan(entities[name], rates.get(name, {})) for name in entities]
    empty = ", ".join(f"null::double as {name}" for name in sorted(names))
    connection.execute(
        f"create or replace temp table {SCANNED} as {' union all by name '.join(scans)}"
        + (f" union all by name select {empty} where false" if empty else "")
    )
    spans = connection.execute(_SPANS).fetchall()
    make_versions(
        connection, AUDITED, {name: (first, last) for name, first, last in spans}, entities
    )
    connection.execute(_profile_sql(sorted(names)))


def drop_profile(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables."""
    drop_versions(connection)
    for table in (PROFILE, SCANNED, AUDITED):
        connection.execute(f"drop table if exists {table}")


def new_rows(entity: Entity) -> str:
    """Select the new rows of an entity without its personal columns."""
    columns = ", ".join(f"rows.{name}" for name in readable(entity))
    return (
        f"select rows._delivery_id, rows._row_number, {columns} from raw.{entity.name} as rows "
        f"where rows._delivery_id in (select delivery_id from {AUDITED})"
    )


def _scan(entity: Entity, rates: Mapping[str, str]) -> str:
    totals = ", ".join(
        f"{{total_name: '{name}', total_value: sum({name})::decimal(38, 6)}}"
        for name in entity.totals
    )
    measures = "".join(f", {sql} as {name}" for name, sql in rates.items())
    return f"""
        select
            _delivery_id,
            '{entity.name}' as entity,
            count(*) as stored_row_count,
            min({entity.version}) as oldest_at,
            max({entity.version}) as newest_at,
            [{totals}]::struct(total_name varchar, total_value decimal(38, 6))[] as totals
            {measures}
        from raw.{entity.name}
        where _delivery_id in (select delivery_id from {AUDITED})
        group by _delivery_id"""


_SPANS = f"select entity, min(oldest_at), max(newest_at) from {SCANNED} group by all"


def _profile_sql(rates: Sequence[str]) -> str:
    measures = "".join(f", scanned.{name}" for name in rates)
    return f"""
create or replace temp table {PROFILE} as
with {_NEIGHBOURS}, {_VOLUMES}, {_AMOUNTS}, {_FILES}
select
    coalesce(declared.delivery_id, scanned._delivery_id) as _delivery_id,
    coalesce(declared.entity, scanned.entity) as entity,
    files.rows_read,
    coalesce(declared.row_count, 0) as row_count,
    coalesce(scanned.stored_row_count, 0) as stored_row_count,
    coalesce(repeated.row_count, 0) / scanned.stored_row_count as duplicate_rate,
    amounts.total_gap,
    volumes.volume_factor,
    amounts.amount_factor
    {measures}
from (from raw.delivery_entities where delivery_id in (from {AUDITED})) as declared
full join {SCANNED} as scanned
    on declared.delivery_id = scanned._delivery_id and declared.entity = scanned.entity
left join (
    select _delivery_id, entity, count(*) as row_count
    from {VERSIONS} where repeats = 'the same file' group by all
) as repeated
    on repeated._delivery_id = scanned._delivery_id and repeated.entity = scanned.entity
left join files on files._delivery_id = coalesce(declared.delivery_id, scanned._delivery_id)
left join volumes
    on volumes.delivery_id = declared.delivery_id and volumes.entity = declared.entity
left join amounts
    on amounts.delivery_id = coalesce(declared.delivery_id, scanned._delivery_id)
    and amounts.entity = coalesce(declared.entity, scanned.entity)
union all by name
select files.*, 'file' as entity from files
"""


def _factor(value: str, usual: str, count: str) -> str:
    """Say how many times `value` is above or below `usual`, if that is known well enough."""
    return f"""
        case
            when {count} < {ENOUGH_DELIVERIES} or {usual} = 0 then null
            when {value} = 0 then {FAR}
            else greatest({value} / {usual}, {usual} / {value})
        end"""


_WINDOW = f"""(
            partition by source, feed, entity
            order by dt::timestamp
            range between interval {TRAILING_DAYS} days preceding and interval 1 day preceding
        )"""

_NEIGHBOURS = f"""
neighbours as (
    select
        deliveries.delivery_id, deliveries.source, deliveries.feed, deliveries.dt,
        delivery_entities.entity, delivery_entities.row_count,
        deliveries.status = 'accepted' as is_usual
    from raw.deliveries as deliveries
    inner join raw.delivery_entities as delivery_entities using (delivery_id)
    inner join (
        select source, feed, min(dt) as first_dt, max(dt) as last_dt
        from raw.deliveries
        where delivery_id in (from {AUDITED})
        group by all
    ) as feeds using (source, feed)
    where
        deliveries.dt between feeds.first_dt - {TRAILING_DAYS} and feeds.last_dt
        and (deliveries.status = 'accepted' or deliveries.delivery_id in (from {AUDITED}))
)"""

_VOLUMES = f"""
volumes as (
    select
        delivery_id, entity,
        if(
            greatest(row_count, usual) >= {ENOUGH_ROWS},
            {_factor("row_count", "usual", "usual_count")},
            null
        ) as volume_factor
    from (
        select
            *,
            count(*) filter (where is_usual) over {_WINDOW} as usual_count,
            median(row_count) filter (where is_usual) over {_WINDOW} as usual
        from neighbours
    )
    where delivery_id in (from {AUDITED})
)"""

_TOTALS_WINDOW = _WINDOW.replace("entity\n", "entity, total_name\n")

_AMOUNTS = f"""
means as (
    select
        neighbours.*, totals.total_name,
        (totals.total_value / nullif(neighbours.row_count, 0))::double as mean
    from neighbours
    inner join raw.control_totals as totals using (delivery_id, entity)
),
stored_totals as (
    select _delivery_id as delivery_id, entity, unnest(totals, recursive := true)
    from {SCANNED}
),
gaps as (
    select
        delivery_id, entity,
        max(abs(coalesce(declared.total_value, 0) - coalesce(stored_totals.total_value, 0)))
            as total_gap
    from stored_totals
    left join (from raw.control_totals where delivery_id in (from {AUDITED})) as declared
        using (delivery_id, entity, total_name)
    group by all
),
drifts as (
    select delivery_id, entity, max({_factor("mean", "usual", "usual_count")}) as amount_factor
    from (
        select
            *,
            count(mean) filter (where is_usual) over {_TOTALS_WINDOW} as usual_count,
            median(mean) filter (where is_usual) over {_TOTALS_WINDOW} as usual
        from means
    )
    where delivery_id in (from {AUDITED})
    group by all
),
amounts as (
    from gaps left join drifts using (delivery_id, entity)
)"""

_FILES = f"""
copies as (
    select source, feed, sha256, count(distinct path) - 1 as same_content_count
    from raw.deliveries
    where
        rows_read > 0
        and (status = 'accepted' or delivery_id in (from {AUDITED}))
        and (source, feed) in (
            select (source, feed) from raw.deliveries where delivery_id in (from {AUDITED})
        )
        and exists (
            select 1 from raw.control_totals as totals
            where totals.delivery_id = deliveries.delivery_id
        )
    group by all
),
files as (
    select
        deliveries.delivery_id as _delivery_id,
        coalesce(deliveries.rows_read, 0) as rows_read,
        coalesce(deliveries.rows_accepted, 0) + coalesce(deliveries.rows_quarantined, 0)
            as rows_accounted,
        deliveries.rows_quarantined / nullif(deliveries.rows_read, 0) as quarantined_rate,
        if(coalesce(deliveries.rows_accepted, 0) = 0, standing.rows_accepted, null)
            as emptied_row_count,
        copies.same_content_count
    from raw.deliveries as deliveries
    left join copies using (source, feed, sha256)
    left join (from raw.deliveries where status = 'accepted') as standing
        on deliveries.path = standing.path
    where deliveries.delivery_id in (from {AUDITED})
)"""
