"""What a file brings a second time: lines that stand in another one, or a day of another bill."""

from __future__ import annotations

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.books import Entry
from orchestration.ingestion.contract import Entity

_OTHER_DAYS = """
select distinct bill_date from raw.channel_bill_lines
where _delivery_id = $1 and bill_date <> $2 order by 1
"""
_REPEATED = """
select files.delivery_id, files.path, count(*)
from raw.{entity} as lines
inner join raw.{entity} as earlier using ({key})
inner join raw.deliveries as files on earlier._delivery_id = files.delivery_id
where
    lines._delivery_id = $1 and earlier._delivery_id <> $1
    and files.status in ('loaded', 'accepted')
    and files.source = $2 and files.feed = $3 and files.path <> $4
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
    connection: duckdb.DuckDBPyConnection, entry: Entry, delivery_id: int, entity: Entity
) -> list[str]:
    """Return why lines that were just loaded must not count beside those of another file.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        entry: The delivery.
        delivery_id: Its id.
        entity: What the lines are, of which each stands in one file of the feed.
    """
    source, feed, _ = entry.place
    (key,) = (column.name for column in entity.columns if column.key)
    query = _REPEATED.format(entity=sql.name(entity.name), key=sql.name(key))
    found = connection.execute(query, [delivery_id, source, feed, entry.path]).fetchone()
    if not found:
        return []
    return [f"{found[2]} of its lines stand in delivery {found[0]} ({found[1]}) already"]
