"""What stands against closing a month."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb

from orchestration.closing import report
from orchestration.closing.contradictions import contradictions
from orchestration.closing.months import Month
from orchestration.feeds import read_books, unreadable_files
from orchestration.home import Home
from orchestration.ingestion.landing import NOT_UTF8
from orchestration.ingestion.manifest import DECIDED
from orchestration.ingestion.sources import Feed, load_sources

CRITICAL = 5
"""Breaks of this severity or above keep a month open (seed `break_classes`)."""
MONEY = frozenset({"channel_bill_lines", "fund_flows", "refund_orders"})
CLAIMS = "claims"
"""What is due; of the sources that are reconciled (seed `reconciled_sources`) it is about money."""
SHOWN = 5
ELSEWHERE = "is no refund of this bill"
"""Said of a fee that was given back (Alipay): nothing is wrong if another bill has the refund."""
_QUARANTINED = f"""
    select
        delivery_id,
        count_if(
            reason = concat(column_name, ' ''', left(number, 40), ''' {ELSEWHERE}')
            and (source, number) in (
                select (deliveries.source, channel_refund_id)
                from raw.channel_bill_lines
                inner join raw.deliveries on _delivery_id = delivery_id and status = 'accepted'
                where line_type = 'refund'
            )
        ) as found_elsewhere_count
    from (
        select
            *,
            case
                when json_valid(row_text) then json_extract_string(row_text, column_name)
            end as number,
        from raw.quarantine
        where ends_with(reason, '{ELSEWHERE}')
    )
    group by delivery_id
"""
_ACCOUNTS = """
    with files as (
        select delivery_id, source, feed, dt
        from raw.deliveries
        where status = 'accepted' and concat(source, '/', feed) in (select unnest($1::varchar[]))
    ),
    told as (
        select distinct files.*, account_id
        from raw.channel_bill_lines
        inner join files on _delivery_id = files.delivery_id
        where account_id is not null
    ),
    accounts as (
        select source, feed, account_id, min(dt) as first_dt
        from told
        group by all
    ),
    days as (
        select
            source, feed, dt,
            count_if(delivery_id not in (select delivery_id from told)) as silent_count
        from files
        where dt between $2 and $3
        group by all
    ),
    lacking as (
        select source, feed, dt, list(account_id order by account_id) as accounts, silent_count
        from days
        inner join accounts using (source, feed)
        anti join told using (source, feed, dt, account_id)
        where first_dt <= dt
        group by all
    )
    select source, feed, len(accounts) - silent_count as file_count, accounts, list(dt order by dt)
    from lacking
    where file_count > 0
    group by all
    order by all
"""
"""Days with fewer bills than accounts. A bill without lines does not say whose it is: it may be
that of any account of which no line of the day tells."""
_UNREAD = f"""
    select
        delivery_id, source, feed, dt, path, status,
        rows_quarantined - coalesce(found_elsewhere_count, 0) as unread_count,
    from raw.deliveries
    left join ({_QUARANTINED}) using (delivery_id)
    where dt between $1 and $2
    qualify case status
        when 'accepted' then unread_count > 0
        when 'rejected' then
            row_number() over (partition by path order by delivery_id desc) = 1
            and delivery_id not in ({DECIDED})
            and not coalesce(
                (dt, sha256) in (select dt, sha256 from raw.deliveries where status = 'accepted'),
                false
            )
        else status in ('held', 'loaded')
    end
    order by status = 'accepted', delivery_id
"""
"""What a person has rejected is decided. What could not be read is not, until it comes in order to
the same path, or as it is to the feed where it belongs."""
_MISPLACED = f"""
    select
        delivery_id, path, status_reason,
        split(regexp_replace(path, '^{re.escape(NOT_UTF8)}', ''), '/') as parts,
    from raw.deliveries
    where
        path = ''
        or (
            list_contains($1::varchar[], parts[1])
            and not list_contains($2::varchar[], concat_ws('/', parts[1], parts[2]))
        )
    qualify
        row_number() over (partition by path order by delivery_id desc) = 1
        and dt is null and status = 'rejected' and delivery_id not in ({DECIDED})
    order by delivery_id
"""
"""What lies in the folder of a source, `$1`, and is no delivery: nobody knows of which day, nor of
what, unless it lies in a feed that is not about money, `$2`. The landing's own path is empty."""


def objections(home: Home, connection: duckdb.DuckDBPyConnection, month: Month) -> list[str]:
    """Return a sentence for everything that keeps a month from being closed.

    Args:
        home: Says which files could not be read when the landing was last looked at.
        connection: To the warehouse, with the published file attached as `marts`.
        month: The month.
    """
    return [
        *_breaks(connection, month),
        *missing_files(home, connection, month),
        *contradictions(connection, month),
        *_identities(connection, month),
    ]


def _breaks(connection: duckdb.DuckDBPyConnection, month: Month) -> list[str]:
    rows = connection.execute(
        "select break_class, currency_code, count(*), sum(break_amount)"
        " from marts.finance.fct_reconciliation_breaks"
        " where is_open and severity >= $1 and opened_date <= $2 group by all order by all",
        [CRITICAL, month.last],
    ).fetchall()
    return [f"{count:,} open {kind} of {amount:,.2f} {code}" for kind, code, count, amount in rows]


def _identities(connection: duckdb.DuckDBPyConnection, month: Month) -> list[str]:
    """What the sheet `checks` says does not add up."""
    report.set_variables(connection, month, None)
    sheet = next(sheet for sheet in report.sheets(connection) if sheet.name == "checks")
    return [
        f"{identity} does not hold: {left} is not {right} {code}"
        for identity, code, left, right, difference in sheet.rows(connection)
        if Decimal(difference or 0) != 0
    ]


def missing_files(home: Home, connection: duckdb.DuckDBPyConnection, month: Month) -> list[str]:
    """Files about the month's money that have not come, wait for a decision or lack rows.

    A channel writes a bill for every day, even an empty one: in the month in which the bills begin,
    the days before the first one are missing, too.
    """
    reconciled = connection.execute("select source from seeds.reconciled_sources").fetchall()
    all_feeds = {
        (source.name, feed.name): feed
        for source in load_sources().values()
        for feed in source.feeds.values()
    }
    feeds = {
        place: feed
        for place, feed in all_feeds.items()
        if MONEY & feed.entities or (CLAIMS in feed.entities and place[:1] in reconciled)
    }
    books = read_books(connection, "raw.deliveries", 0, datetime.now(UTC))
    dates = _dates(connection)
    found: list[str] = []
    for feed in books.feeds:
        place = (feed.source, feed.feed)
        if place not in feeds or feed.newest_dt is None:
            continue
        is_bill = bool(feeds[place].bill)
        until = _known_until(month, is_bill=is_bill)
        clock = max(feed.newest_dt, books.clocks.get(feed.source, feed.newest_dt))
        if clock < until:
            found.append(f"{'/'.join(place)} goes up to {clock}, and has to go up to {until}")
        missing = [day for day in feed.missing if month.first <= day <= until]
        if is_bill and min(dates[place]) <= month.last:  # from the month's first day on
            missing = sorted(set(_days(month.first, min(until, clock))) - dates[place])
        if missing:
            found.append(f"{'/'.join(place)} lacks {_listed(missing)}")
    bills = ["/".join(place) for place, feed in feeds.items() if feed.bill]
    found += _lacking(connection, month, bills) + _unread(connection, month, feeds)
    found += _unreadable(home, month, feeds)
    sources = sorted({source for source, _ in feeds})
    others = ["/".join(place) for place in all_feeds if place not in feeds]
    rows = connection.execute(_MISPLACED, [sources, others]).fetchall()
    return found + [
        f"delivery {id_} ({path}) is rejected: {reason}" for id_, path, reason, _ in rows
    ]


def _lacking(connection: duckdb.DuckDBPyConnection, month: Month, bills: list[str]) -> list[str]:
    """Days on which bills came, but fewer than there are accounts."""
    rows = connection.execute(_ACCOUNTS, [bills, month.first, month.last]).fetchall()
    return [
        f"{source}/{feed} lacks the bill of {' or '.join(accounts)} on {_listed(days)}"
        if count == 1
        else f"{source}/{feed} lacks {count} bills of {', '.join(accounts)} on {_listed(days)}"
        for source, feed, count, accounts, days in rows
    ]


def _dates(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], set[date]]:
    """Dates with an accepted file, by source and feed."""
    rows = connection.execute(
        "select source, feed, list(dt) from raw.deliveries where status = 'accepted' group by all"
    ).fetchall()
    return {(source, feed): set(dates) for source, feed, dates in rows}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _known_until(month: Month, *, is_bill: bool) -> date:
    """The dt whose files tell of the month's last day: a bill's own day, else the day after."""
    return month.last if is_bill else month.last + timedelta(days=1)


def _unread(
    connection: duckdb.DuckDBPyConnection, month: Month, feeds: dict[tuple[str, str], Feed]
) -> list[str]:
    """Files that wait for a decision, and accepted ones with rows that are in no figure."""
    rows = connection.execute(_UNREAD, [month.first, _known_until(month, is_bill=False)]).fetchall()
    return [
        f"delivery {delivery_id} ({path}) "
        + (f"has {count:,} quarantined rows" if status == "accepted" else f"is {status}")
        for delivery_id, source, feed, dt, path, status, count in rows
        if (source, feed) in feeds
        and dt <= _known_until(month, is_bill=bool(feeds[source, feed].bill))
    ]


def _unreadable(home: Home, month: Month, feeds: dict[tuple[str, str], Feed]) -> list[str]:
    """Files of the month that the last ingest could not look into."""
    found = []
    for path, reason in unreadable_files(home).items():
        source, feed, day, _ = path.split("/")
        if (source, feed) in feeds:
            until = _known_until(month, is_bill=bool(feeds[source, feed].bill))
            if month.first <= date.fromisoformat(day.removeprefix("dt=")) <= until:
                found.append(f"{path} can't be read: {reason}")
    return found


def _listed(days: list[date]) -> str:
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return ", ".join(day.isoformat() for day in days[:SHOWN]) + more
