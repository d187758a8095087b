"""The life of a delivery: every change of status takes the next number of one clock.

loaded -> accepted | held | rejected;  held -> accepted (released) | held (for more) | rejected;
accepted, held or loaded -> superseded, once a later delivery of the same path is accepted;
rejected when it was read -> rejected by a person, who has decided what becomes of it, or, if it was
no delivery, by the ingest that finds it no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from orchestration.home import AnxinError, UsageError
from orchestration.ingestion import sql

NEXT_SEQ = "select coalesce(max(change_seq), 0) + 1 from raw.change_events"
DECIDED = """
select delivery_id from raw.change_events
where delivery_id is not null
group by delivery_id having count(*) > 1
union
select delivery_id from raw.deliveries
where status = 'rejected' and delivery_id in (select delivery_id from raw.delivery_entities)
"""
"""Deliveries of which somebody or something has decided after they were read: what was rejected
though its rows were loaded is one of them, also if that was the first event."""
GONE = "no longer found"
"""Reason and stamp of something in the landing that was no delivery and lies there no more."""
_SAME_FILE = """
select earlier.delivery_id, min(later.delivery_id)
from raw.deliveries as later
inner join raw.deliveries as earlier
    on later.path = earlier.path and later.sha256 = earlier.sha256
    and earlier.delivery_id < later.delivery_id
where
    later.delivery_id in (select unnest(?::bigint[]))
    and earlier.status in ('loaded', 'held', 'accepted')
group by earlier.delivery_id order by 1
"""
_REFUSED_AT_READING = f"""
select delivery_id, status_reason
from raw.deliveries
where status = 'rejected' and delivery_id in (select unnest($1::bigint[]))
    and delivery_id not in ({DECIDED})
"""


@dataclass(frozen=True)
class _Change:
    delivery_id: int
    event: str
    status: str
    reason: str | None


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what happens inside, or nothing of it."""
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def utc_now() -> datetime:
    """Return the wall clock in UTC, without a zone, as the raw tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def pending(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the deliveries that are loaded but not yet audited, in order."""
    rows = connection.execute(
        "select delivery_id from raw.deliveries where status = 'loaded' order by delivery_id"
    ).fetchall()
    return [int(row[0]) for row in rows]


def accept(
    connection: duckdb.DuckDBPyConnection, delivery_ids: Sequence[int], now: datetime | None = None
) -> None:
    """Let the rows of loaded deliveries count; what they replace no longer does.

    An accepted delivery supersedes every earlier one of its path that is not rejected. A later
    one is left alone: it is the newer content and has its own verdict to come.

    Raises:
        AnxinError: A delivery is not in the status `loaded`; nothing is changed.
    """
    with transaction(connection):
        _require(connection, delivery_ids, ("loaded",), "accepted")
        changes = [_Change(id_, "accepted", "accepted", None) for id_ in sorted(delivery_ids)]
        _apply(connection, _with_superseded(connection, changes), now)


def hold(
    connection: duckdb.DuckDBPyConnection,
    reasons: Mapping[int, str],
    now: datetime | None = None,
) -> None:
    """Keep deliveries back, each with the reason for it; one that is held gets a further reason.

    Raises:
        AnxinError: A delivery is neither loaded nor held; nothing is changed.
    """
    with transaction(connection):
        _require(connection, list(reasons), ("loaded", "held"), "held")
        held = connection.execute(
            "select delivery_id, status_reason from raw.deliveries"
            " where status = 'held' and delivery_id in (select unnest(?::bigint[]))",
            [list(reasons)],
        ).fetchall()
        reasons = {**reasons, **{id_: f"{reason}; {reasons[id_]}" for id_, reason in held}}
        _apply(connection, [_Change(i, "held", "held", reasons[i]) for i in sorted(reasons)], now)


def release(
    connection: duckdb.DuckDBPyConnection, delivery_id: int, who: str, now: datetime | None = None
) -> None:
    """Let the rows of a held delivery count after all.

    Args:
        connection: To the warehouse.
        delivery_id: The held delivery.
        who: Person or service that decides; stands in the event.
        now: UTC.

    Raises:
        UsageError: The delivery is not held, for instance because a later one replaced it.
    """
    with transaction(connection):
        _require(connection, [delivery_id], ("held",), "released", UsageError)
        change = _Change(delivery_id, "released", "accepted", f"released by {who}")
        _apply(connection, _with_superseded(connection, [change]), now)


def reject(
    connection: duckdb.DuckDBPyConnection,
    reasons: Mapping[int, str],
    now: datetime | None = None,
) -> list[int]:
    """Refuse deliveries for good, also accepted ones, whose rows then no longer count.

    What was read earlier from the same content of the same path is refused with them: it is the
    same file. What was refused when it was read keeps that reason before the new one.

    Returns:
        All that are refused now.

    Raises:
        UsageError: A delivery is superseded, or was rejected by a person; nothing is changed.
    """
    with transaction(connection):
        rows = connection.execute(_REFUSED_AT_READING, [list(reasons)]).fetchall()
        refused = {**reasons, **{id_: f"{reason}; {reasons[id_]}" for id_, reason in rows}}
        open_ids = list(reasons.keys() - dict(rows).keys())
        _require(connection, open_ids, ("loaded", "held", "accepted"), "rejected", UsageError)
        for earlier, later in connection.execute(_SAME_FILE, [list(reasons)]).fetchall():
            refused.setdefault(earlier, f"{reasons[later]} (delivery {later}, the same file)")
        changes = [_Change(i, "rejected", "rejected", refused[i]) for i in sorted(refused)]
        _apply(connection, changes, now)
    return sorted(refused)


def request_recompute(
    connection: duckdb.DuckDBPyConnection,
    from_date: date,
    to_date: date,
    selection: str | None = None,
    now: datetime | None = None,
) -> int:
    """Ask for the business dates from_date to to_date, both included, to be built again.

    Args:
        connection: To the warehouse.
        from_date: First date.
        to_date: Last date.
        selection: Names of models, parted by white space; everything when there is none.
        now: UTC.

    Returns:
        The request's number on the clock of change.

    Raises:
        UsageError: The range is empty.
    """
    if from_date > to_date:
        raise UsageError(f"the range from {from_date} to {to_date} holds no date")
    now = now or utc_now()
    selection = " ".join((selection or "").split()) or None
    with transaction(connection):
        change_seq = record_event(connection, None, "recompute", selection, now)
        connection.execute(
            "insert into raw.recompute_requests values (?, ?, ?, ?, ?)",
            [change_seq, from_date, to_date, selection, now],
        )
    return change_seq


def record_event(
    connection: duckdb.DuckDBPyConnection,
    delivery_id: int | None,
    event: str,
    reason: str | None,
    now: datetime,
) -> int:
    """Append one event inside the current transaction; return its number on the clock."""
    change_seq = sql.scalar(connection, NEXT_SEQ)
    connection.execute(
        "insert into raw.change_events values (?, ?, ?, ?, ?)",
        [change_seq, delivery_id, event, reason, now],
    )
    return change_seq


def _require(
    connection: duckdb.DuckDBPyConnection,
    delivery_ids: Sequence[int],
    statuses: tuple[str, ...],
    verb: str,
    failure: type[AnxinError] = AnxinError,
) -> None:
    rows = connection.execute(
        "select delivery_id, status, path from raw.deliveries"
        " where delivery_id in (select unnest(?::bigint[]))",
        [list(delivery_ids)],
    ).fetchall()
    found = {int(row[0]): (str(row[1]), str(row[2])) for row in rows}
    for id_ in delivery_ids:
        if id_ not in found:
            raise failure(f"there is no delivery {id_}")
        status, path = found[id_]
        if status not in statuses:
            raise failure(
                f"delivery {id_} ({path}) can't be {verb}: it is {status}, not"
                f" {' or '.join(statuses)}"
            )


def _with_superseded(
    connection: duckdb.DuckDBPyConnection, changes: Sequence[_Change]
) -> list[_Change]:
    """Put after each acceptance the end of the earlier deliveries of its path."""
    rows = connection.execute(
        "select later.delivery_id, earlier.delivery_id"
        " from raw.deliveries as later"
        " inner join raw.deliveries as earlier"
        " on later.path = earlier.path and earlier.delivery_id < later.delivery_id"
        " where later.delivery_id in (select unnest(?::bigint[]))"
        " and earlier.status in ('accepted', 'held', 'loaded') order by all",
        [[change.delivery_id for change in changes]],
    ).fetchall()
    replaced: dict[int, list[int]] = {}
    for later, earlier in rows:
        replaced.setdefault(later, []).append(earlier)
    result: list[_Change] = []
    ended: set[int] = set()
    for change in changes:
        result.append(change)
        for earlier in replaced.get(change.delivery_id, ()):
            if earlier not in ended:
                reason = f"replaced by delivery {change.delivery_id}"
                result.append(_Change(earlier, "superseded", "superseded", reason))
                ended.add(earlier)
    return result


def _apply(
    connection: duckdb.DuckDBPyConnection, changes: Sequence[_Change], now: datetime | None
) -> None:
    """Append the events and set each delivery to the last of its own."""
    if not changes:
        return
    now = now or utc_now()
    first = sql.scalar(connection, NEXT_SEQ)
    last = {change.delivery_id: position for position, change in enumerate(changes)}
    connection.execute(
        "insert into raw.change_events select unnest(?::bigint[]), unnest(?::bigint[]),"
        " unnest(?::varchar[]), unnest(?::varchar[]), ?::timestamp",
        [
            [first + position for position in range(len(changes))],
            [change.delivery_id for change in changes],
            [change.event for change in changes],
            [change.reason for change in changes],
            now,
        ],
    )
    connection.execute(
        "update raw.deliveries set status = changes.status, status_reason = changes.reason,"
        " change_seq = changes.change_seq, status_at = $1::timestamp"
        " from (select unnest($2::bigint[]) as delivery_id, unnest($3::varchar[]) as status,"
        " unnest($4::varchar[]) as reason, unnest($5::bigint[]) as change_seq) as changes"
        " where deliveries.delivery_id = changes.delivery_id",
        [
            now,
            list(last),
            [changes[position].status for position in last.values()],
            [changes[position].reason for position in last.values()],
            [first + position for position in last.values()],
        ],
    )
