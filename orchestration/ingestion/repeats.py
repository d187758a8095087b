"""A bill that comes twice: the same day under another name, or a day that is not its own."""

from __future__ import annotations

import duckdb

from orchestration.ingestion.books import Entry

_OTHER_DAYS = """
select distinct bill_date from raw.channel_bill_lines
where _delivery_id = $1 and bill_date <> $2 order by 1
"""
_REPEATED = """
select files.delivery_id, files.path, count(*)
from raw.channel_bill_lines as lines
inner join raw.channel_bill_lines as earlier using (bill_line_id)
inner join raw.deliveries as files on earlier._delivery_id = files.delivery_id
where
    lines._delivery_id = $1 and earlier._delivery_id <> $1
    and files.status in ('loaded', 'accepted')
    and files.source = $2 and files.feed = $3 and files.path <> $4
group by all order by 1 limit 1
"""


def repeats(connection: duckdb.DuckDBPyConnection, entry: Entry, delivery_id: int) -> list[str]:
    """Return why the lines of a bill that were just loaded must not count by themselves.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        entry: The delivery.
        delivery_id: Its id.
    """
    source, feed, dt = entry.place
    reasons: list[str] = []
    days = [row[0] for row in connection.execute(_OTHER_DAYS, [delivery_id, dt]).fetchall()]
    if days:
        reasons.append(f"lines of the bill are of {days[0]}, but dt is {dt}")
    found = connection.execute(_REPEATED, [delivery_id, source, feed, entry.path]).fetchone()
    if found:
        reasons.append(f"{found[2]} of its lines stand in delivery {found[0]} ({found[1]}) already")
    return reasons
