"""What a file brings a second time: lines that stand in another one, or a day of another bill."""

from __future__ import annotations

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.books import Entry
from orchestration.ingestion.contract import Entity
from orchestration.ingestion.sources import Feed

_OTHER_DAYS = """
select distinct bill_date from raw.channel_bill_lines
where _delivery_id = $1 and bill_date <> $2 order by 1
"""
_REPEATED = """
with rows_of_files as (
    select _delivery_id, {key} as key, {content} as content
    from raw.{entity}
    where source = $2
)
select files.delivery_id, files.path, count(*)
from rows_of_files as lines
inner join rows_of_files as earlier using (key)
inner join raw.deliveries as files on earlier._delivery_id = files.delivery_id
where
    lines._delivery_id = $1 and earlier._delivery_id <> $1
    and ($5 or lines.content is distinct from earlier.content)
    and files.status in ('loaded', 'accepted')
    and files.source = $2 and files.feed = $3 and files.path <> $4
    and not exists (
        select 1
        from raw.deliveries as later
        where
            later.path = files.path and later.delivery_id > files.delivery_id
            and later.status = 'loaded'
    )
group by all order by 1 limit 1
"""


def other_days(connection: duckdb.DuckDBPyConnection, entry: Entry, delivery_id: int) -> list[str]:
    """Return why the lines of a bill that were just loaded are not those of its day.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        entry: The delivery.
        delivery_id: Its id.
    """
    _, _, dt = entry.place
    days = [row[0] for row in connection.execute(_OTHER_DAYS, [delivery_id, dt]).fetchall()]
    return [f"lines of the bill are of {days[0]}, but dt is {dt}"] if days else []


def repeats(
    connection: duckdb.DuckDBPyConnection,
    entry: Entry,
    delivery_id: int,
    entity: Entity,
    feed: Feed,
) -> list[str]:
    """Return why lines that were just loaded must not count beside those of another file.

    A bill that comes twice is two bills; of another feed the same row may stand in two files.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        entry: The delivery.
        delivery_id: Its id.
        entity: What the lines are.
        feed: Whose files bring them.
    """
    (key,) = (sql.name(column.name) for column in entity.columns if column.key)
    content = f"row({', '.join(sql.name(column.name) for column in entity.columns)})"
    query = _REPEATED.format(entity=sql.name(entity.name), key=key, content=content)
    found = connection.execute(
        query, [delivery_id, feed.source, feed.name, entry.path, feed.bill is not None]
    ).fetchone()
    if not found:
        return []
    return [f"{found[2]} of its lines stand in delivery {found[0]} ({found[1]}) already"]
