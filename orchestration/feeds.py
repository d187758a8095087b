"""How the deliveries stand: missing and late dates per feed, held and rejected files, the clock.

Read from the warehouse while its writer holds the lock, and kept as a small file, so that whoever
asks never has to open the warehouse.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from orchestration.home import Home, limits
from orchestration.ingestion.manifest import GONE
from orchestration.ingestion.sources import load_sources
from orchestration.publishing.files import write_atomically


@dataclass(frozen=True)
class Feed:
    """One kind of file of a source.

    Attributes:
        newest_dt: The newest accepted date.
        daily_from: The first accepted date that the next day followed; None while the feed has
            never come daily.
        missing: Dates without an accepted file, from `daily_from` to the newest date of any daily
            feed of the source that does not land during the day.
        late: Dates whose first file was loaded after a file of a later date.
        accepted: Files that count.
        held: Files that wait for a decision.
        rejected: Files that wait for a better one.
    """

    source: str
    feed: str
    newest_dt: date | None
    daily_from: date | None
    missing: list[date]
    late: list[date]
    accepted: int
    held: int
    rejected: int


@dataclass(frozen=True)
class Books:
    """The manifest in short.

    Attributes:
        as_of: When it was read, UTC.
        change_seq: The head of the clock of change; what is published may be behind it.
        clocks: By source, the newest date of its daily feeds, without those that land during the
            day: up to its end the data is there.
        deliveries: How many there are by status.
        open_deliveries: Those that are held or rejected, not replaced since, nor gone undecided.
        unreadable: Why files of the landing could not be read when it was last looked at, by path.
    """

    as_of: datetime
    change_seq: int
    clocks: dict[str, date]
    deliveries: dict[str, int]
    open_deliveries: list[dict[str, Any]]
    feeds: list[Feed] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)


def read_books(
    connection: duckdb.DuckDBPyConnection, table: str, change_seq: int, as_of: datetime
) -> Books:
    """Sum the manifest up.

    Args:
        connection: To the warehouse, or to a published file.
        table: `raw.deliveries`, or the copy of it that a published file holds.
        change_seq: The clock of change.
        as_of: When that was, UTC.
    """
    intraday = [
        [source.name, feed.name]
        for source in load_sources().values()
        for feed in source.feeds.values()
        if feed.is_intraday
    ]
    rows = connection.execute(_FEEDS.format(table=table), [intraday]).fetchall()
    feeds = [Feed(*row) for row in rows]
    clocks: dict[str, date] = {}
    for feed in feeds:
        if feed.daily_from and feed.newest_dt and [feed.source, feed.feed] not in intraday:
            clocks[feed.source] = max(clocks.get(feed.source, feed.newest_dt), feed.newest_dt)
    counts = connection.execute(
        f"select status, count(*) from {table} group by all order by 1"
    ).fetchall()
    cursor = connection.execute(_OPEN.format(table=table))
    names = [column[0] for column in cursor.description]
    waiting = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Books(as_of, change_seq, clocks, dict(counts), waiting, feeds)


def save(home: Home, unreadable: dict[str, str] | None = None) -> None:
    """Sum the warehouse's manifest up and keep that beside it; the caller holds the lock.

    Args:
        home: Whose warehouse.
        unreadable: As in `Books`; None if nobody has looked at the landing since the last time.
    """
    if unreadable is None:
        unreadable = unreadable_files(home)
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        row = connection.execute(
            "select coalesce(max(change_seq), 0) from raw.change_events"
        ).fetchone()
        books = read_books(connection, "raw.deliveries", row[0] if row else 0, datetime.now(UTC))
    books = replace(books, unreadable=unreadable)
    write_atomically(home.books_file, json.dumps(asdict(books), default=_as_text, indent=1))


def load(home: Home) -> Books | None:
    """Read what `save` has kept; None if it isn't there or can't be read."""
    try:
        found = json.loads(home.books_file.read_text(encoding="utf-8"))
        return Books(
            as_of=datetime.fromisoformat(found["as_of"]),
            change_seq=int(found["change_seq"]),
            clocks={source: date.fromisoformat(day) for source, day in found["clocks"].items()},
            deliveries=found["deliveries"],
            open_deliveries=found["open_deliveries"],
            feeds=[_feed(feed) for feed in found["feeds"]],
            unreadable=found.get("unreadable", {}),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def unreadable_files(home: Home) -> dict[str, str]:
    """Return `Books.unreadable` as it was kept last."""
    known = load(home)
    return known.unreadable if known else {}


def _feed(found: dict[str, Any]) -> Feed:
    days = {
        name: date.fromisoformat(found[name]) if found[name] else None
        for name in ("newest_dt", "daily_from")
    }
    lists = {name: list(map(date.fromisoformat, found[name])) for name in ("missing", "late")}
    return Feed(**{**found, **days, **lists})


def _as_text(value: date) -> str:
    return value.isoformat()


_OPEN = f"""
select delivery_id, path, status, status_reason
from {{table}}
qualify
    status in ('held', 'rejected')
    and not coalesce(ends_with(status_reason, '; {GONE}'), false)
    and row_number() over (partition by path order by delivery_id desc) = 1
order by delivery_id
"""

_FEEDS = """
with latest as (
    select source, feed, status
    from {table}
    where source is not null
    qualify row_number() over (partition by path order by delivery_id desc) = 1
),
counts as (
    select
        source,
        feed,
        (
            select count(*) from {table} as files
            where status = 'accepted' and files.source = latest.source and files.feed = latest.feed
        ) as accepted,
        count(*) filter (where status = 'held') as held,
        count(*) filter (where status = 'rejected') as rejected
    from latest
    group by source, feed
),
dates as (
    select source, feed, dt, min(loaded_at) as loaded_at
    from {table}
    where status in ('accepted', 'superseded')
    group by source, feed, dt
    having bool_or(status = 'accepted')
),
neighbours as (
    select
        *,
        lead(dt) over (partition by source, feed order by dt) as next_dt,
        min(loaded_at) over (
            partition by source, feed order by dt
            rows between 1 following and unbounded following
        ) as later_loaded_at
    from dates
),
rhythm as (
    select
        source,
        feed,
        max(dt) as newest_dt,
        min(dt) filter (where next_dt = dt + 1) as daily_from,
        list(dt) as dts,
        list(dt order by dt) filter (where later_loaded_at < loaded_at) as late
    from neighbours
    group by source, feed
),
expected as (
    select
        *,
        max(newest_dt) filter (
            where daily_from is not null and not list_contains($1::varchar[][], [source, feed])
        ) over (partition by source) as until_dt
    from rhythm
)
select
    counts.source,
    counts.feed,
    newest_dt,
    daily_from,
    coalesce(
        list_filter(
            list_transform(
                generate_series(daily_from, until_dt, interval 1 day), lambda day: day::date
            ),
            lambda day: not list_contains(dts, day)
        ),
        []
    ) as missing,
    coalesce(late, []) as late,
    accepted,
    held,
    rejected
from counts
left join expected using (source, feed)
order by source, feed
"""
