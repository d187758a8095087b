"""What a file brings that stands elsewhere: in another file, twice in itself, or in another day.

Whether lines stand in another file is asked when deliveries are about to count, as only then is it
known beside what: files that replace each other in one go may swap their lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb

from orchestration.home import AnxinError
from orchestration.ingestion import manifest, sql
from orchestration.ingestion.books import Entry
from orchestration.ingestion.contract import Entity, load_contract
from orchestration.ingestion.sources import Feed, load_sources

_FEEDS = """
select source, feed, array_agg(delivery_id)
from raw.deliveries
where delivery_id in (select unnest($1::bigint[])) and feed is not null
group by all order by all
"""
_OTHER_DAYS = """
select distinct bill_date from raw.channel_bill_lines
where _delivery_id = $1 and bill_date <> $2 order by 1
"""
_WITHIN = """
select array_agg(_row_number order by _row_number) as numbers
from raw.{entity}
where _delivery_id = $1
group by {key}
having count(*) > 1 and ($2 or count(distinct {content}) > 1)
order by numbers limit 1
"""
_ELSEWHERE = """
with fresh as (
    select _delivery_id, {key} as key, {content} as content
    from raw.{entity}
    where _delivery_id in (select unnest($1::bigint[]))
),
standing as (
    select delivery_id
    from raw.deliveries
    where source = $2 and feed = $3
        and (status = 'accepted' or delivery_id in (select unnest($1::bigint[])))
),
earlier as (
    select _delivery_id, {key} as key, {content} as content
    from raw.{entity}
    where
        source = $2 and _delivery_id in (select delivery_id from standing)
        and {key} in (select key from fresh)
)
select fresh._delivery_id, earlier._delivery_id, count(*)
from fresh inner join earlier using (key)
where
    fresh._delivery_id <> earlier._delivery_id
    and ($4 or fresh.content is distinct from earlier.content)
group by all
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


def within(
    connection: duckdb.DuckDBPyConnection, delivery_id: int, entity: Entity, feed: Feed
) -> list[str]:
    """Return why lines of a file that was just loaded can't all count: they share their key.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        delivery_id: Its id.
        entity: What the lines are.
        feed: Whose file it is.
    """
    query = _WITHIN.format(**_names(entity))
    rows = connection.execute(query, [delivery_id, feed.bill is not None]).fetchall()
    keys = ", ".join(column.name for column in entity.columns if column.key)
    return [f"rows {row[0][0]} and {row[0][1]} have the same {keys}" for row in rows]


def repeats(connection: duckdb.DuckDBPyConnection, delivery_ids: Collection[int]) -> dict[int, str]:
    """Return which deliveries must not count, as they bring lines of files that do, and why.

    What a delivery replaces does not count beside it, unless it is one of those returned. Of two
    that go together the later one is returned. A bill that comes twice is two bills; of another
    feed the same row may stand in two files.

    Args:
        connection: To the warehouse.
        delivery_ids: What is about to count, all in one go.
    """
    found = dict[int, str]()
    for together, shared in _shared_lines(connection, delivery_ids):
        found |= _repeating(connection, together, shared)
    return found


def repeats_of_each(
    connection: duckdb.DuckDBPyConnection, delivery_ids: Collection[int]
) -> dict[int, str]:
    """Return the same of deliveries that are not to go together: each may count alone.

    Args:
        connection: To the warehouse.
        delivery_ids: What somebody may let count.
    """
    found = dict[int, str]()
    for ids, shared in _shared_lines(connection, delivery_ids):
        for id_ in ids:
            own = {pair: n for pair, n in shared.items() if pair[0] == id_ and pair[1] not in ids}
            found |= _repeating(connection, {id_}, own)
    return found


def hold_for_more(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> None:
    """Refuse to release a delivery that repeats another one, until its reason has said so.

    Raises:
        AnxinError: Its reason said nothing of that; now it does.
    """
    repeated = repeats(connection, [delivery_id]).get(delivery_id)
    held = connection.execute(
        "select status_reason from raw.deliveries where delivery_id = $1 and status = 'held'",
        [delivery_id],
    ).fetchone()
    if held and repeated and f"; {repeated};" not in f"; {held[0]};":
        manifest.hold(connection, {delivery_id: repeated})
        raise AnxinError(
            f"delivery {delivery_id} is held for more than was known: {repeated}. Release it again"
            " to let both count"
        )


def _shared_lines(
    connection: duckdb.DuckDBPyConnection, delivery_ids: Collection[int]
) -> Iterator[tuple[set[int], dict[tuple[int, int], int]]]:
    """Yield for each feed its deliveries, and how many lines they share with what counts.

    The keys are pairs of a delivery and another one that counts already or goes with it.
    """
    sources, contract = load_sources(), load_contract()
    for source, name, together in connection.execute(_FEEDS, [list(delivery_ids)]).fetchall():
        feed = sources[source].feeds.get(name) if source in sources else None
        if feed is None:
            continue
        shared = dict[tuple[int, int], int]()
        for entity in feed.whole:
            query = _ELSEWHERE.format(**_names(contract[entity]))
            for fresh, other, count in connection.execute(
                query, [together, feed.source, feed.name, feed.bill is not None]
            ).fetchall():
                shared[fresh, other] = max(count, shared.get((fresh, other), 0))
        if shared:
            yield set(together), shared


def _repeating(
    connection: duckdb.DuckDBPyConnection,
    together: set[int],
    shared: dict[tuple[int, int], int],
) -> dict[int, str]:
    """Take one delivery after the other out of those that go together, until no line repeats."""
    involved = together.union(*shared)
    paths = dict(
        connection.execute(
            "select delivery_id, path from raw.deliveries where delivery_id in"
            " (select unnest($1::bigint[]))",
            [list(involved)],
        ).fetchall()
    )
    found: dict[int, str] = {}
    pairs = sorted(pair for pair in shared if pair[1] not in together or pair[1] < pair[0])

    def counts(delivery_id: int) -> bool:
        path = paths[delivery_id]
        return newest.get(path) == delivery_id if delivery_id in together else path not in newest

    while True:
        newest = {paths[id_]: id_ for id_ in sorted(together - found.keys())}
        for fresh, other in pairs:
            if counts(fresh) and counts(other):
                count = shared[fresh, other]
                found[fresh] = (
                    f"{count} of its lines stand in delivery {other} ({paths[other]}) already"
                )
                break
        else:
            return found


def _names(entity: Entity) -> dict[str, str]:
    """Return entity, key and content of its rows in SQL."""
    key = [sql.name(column.name) for column in entity.columns if column.key]
    content = [sql.name(column.name) for column in entity.columns]
    return {
        "entity": sql.name(entity.name),
        "key": f"row({', '.join(key)})" if len(key) > 1 else key[0],
        "content": f"row({', '.join(content)})",
    }
