"""Closing a month: an event in raw, with the postings and the report as they stood."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb

from orchestration import transform
from orchestration.closing import report
from orchestration.closing.months import (
    CLOSED,
    OPEN,
    REOPENED,
    SOFT_CLOSED,
    Decision,
    Month,
    decisions,
    state,
)
from orchestration.closing.objections import objections
from orchestration.home import AnxinError, Home, UsageError, limits
from orchestration.ingestion import manifest, schema
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.sources import load_sources
from orchestration.publishing.generations import quoted

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
"""Where the dates of the marts are dates."""
_POSTINGS = "marts.finance.fct_ledger_postings"


class CloseRefusedError(AnxinError):
    """A month can't be closed as it stands; the message lists why."""


@dataclass(frozen=True)
class Who:
    """Who decides, and why.

    Attributes:
        is_forced: Whether a month is to be closed whatever stands against it.
    """

    name: str
    reason: str | None = None
    is_forced: bool = False

    def __post_init__(self) -> None:
        """Refuse what says nothing."""
        if not self.name.strip() or (self.reason is not None and not self.reason.strip()):
            raise UsageError("a name and a reason have to say something")


@contextmanager
def books(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse with the published file attached as `marts`, read-only.

    The caller holds the writer lock.

    Raises:
        UsageError: Nothing is published.
    """
    if not home.published.exists() or not home.warehouse.exists():
        raise UsageError(f"nothing is published in {home.root} yet: `anxin run` does it")
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true")
        schema.ensure(connection, load_contract(), load_sources())
        connection.execute(f"attach '{quoted(home.published)}' as marts (read_only)")
        yield connection


def is_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the published file holds all that counts by now, built by today's code.

    A close takes a number of the clock of change, and changes no figure by itself.
    """
    rows = connection.execute(
        "select code_fingerprint = $1 and not exists ("
        "     select 1 from raw.change_events where event not in ($2, $3)"
        "     and change_events.change_seq > generation.change_seq"
        " ) from marts.meta.generation",
        [transform.fingerprint(connection), SOFT_CLOSED, CLOSED],
    ).fetchall()
    return bool(rows and rows[0][0])


def require_current(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to say anything about today from a file that is behind.

    Raises:
        UsageError: The published file does not hold all that counts.
    """
    if not is_current(connection):
        raise UsageError(
            "the published marts do not hold all that counts by now, or other code built them:"
            " `anxin run` first"
        )


def close(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    who: Who,
    *,
    is_hard: bool,
    now: datetime | None = None,
) -> list[Decision]:
    """Close a month, softly or for good; return the events that were written.

    The first hard close of all closes the months before it as well: a month that is closed rests on
    months that can't move.

    Args:
        home: Whose month it is.
        connection: As `books` yields it.
        month: The month.
        who: Who decides.
        is_hard: Whether its postings and its report are frozen.
        now: UTC.

    Raises:
        UsageError: It is not the month's turn, it is not over or without data, or a forced close
            has no reason.
        CloseRefusedError: Breaks, missing files or contradictions stand against it.
        AnxinError: What an earlier close has frozen is not what stands there now.
    """
    require_current(connection)
    known = decisions(connection)
    _require_turn(known, month, is_hard=is_hard)
    _require_over(connection, month, now or manifest.utc_now())
    if who.is_forced and not who.reason:
        raise UsageError("a forced close needs a written --reason")
    months = [*_earlier(connection, known, month), month] if is_hard else [month]
    against = {each: objections(home, connection, each) for each in months}
    if any(against.values()) and not who.is_forced:
        listed = "\n".join(
            f"- {objection}" if each == month else f"- {each}: {objection}"
            for each, found in against.items()
            for objection in found
        )
        raise CloseRefusedError(
            f"{month} can't be closed:\n{listed}\nMend it, or close it with --force and a --reason"
        )
    for decision in known.values():
        if decision.event == CLOSED:
            check_kept(connection, decision)
    with manifest.transaction(connection):
        if is_hard:
            return [
                _close_for_good(connection, each, who, found, now)
                for each, found in against.items()
            ]
        entered = _note(connection, month, SOFT_CLOSED, who, now)
        _keep_overridden(connection, entered, against[month])
        return [_enter(connection, entered)]


def reopen(
    connection: duckdb.DuckDBPyConnection, month: Month, who: Who, now: datetime | None = None
) -> Decision:
    """Open the newest closed month again; what it had frozen stays, and no longer counts.

    Raises:
        UsageError: The month is not closed, a later one is, or there is no reason.
    """
    known = decisions(connection)
    if state(known, month) == OPEN:
        raise UsageError(f"{month} is not closed")
    later = [period for period, found in known.items() if found.event == CLOSED]
    if later and max(later) > str(month):
        raise UsageError(f"reopen {max(later)} first: it is closed and rests on {month}")
    if not who.reason:
        raise UsageError("reopening a month needs a written --reason")
    with manifest.transaction(connection):
        return _enter(connection, _note(connection, month, REOPENED, who, now))


def digest(connection: duckdb.DuckDBPyConnection, change_seq: int) -> tuple[int, str]:
    """Return the number of postings that a close has frozen, and the SHA-256 of all it has kept."""
    found, count = hashlib.sha256(), 0
    for table, order in (("frozen_postings", "posting_id"), ("frozen_report_rows", "all")):
        connection.execute(
            f"select to_json(kept)::varchar from raw.{table} as kept"
            f" where change_seq = $1 order by {order}",
            [change_seq],
        )
        while batch := connection.fetchmany(report.BATCH):
            count += len(batch) if table == "frozen_postings" else 0
            found.update("\n".join(row[0] for row in batch).encode())
    return count, found.hexdigest()


def check_kept(connection: duckdb.DuckDBPyConnection, close: Decision) -> None:
    """Prove that what a close has kept is what it wrote.

    Raises:
        AnxinError: It is not.
    """
    if digest(connection, close.change_seq) != (close.posting_count, close.posting_sha256):
        raise AnxinError(
            f"what was frozen when {close.period} was closed is not what stands there now: restore"
            " warehouse.duckdb from a backup"
        )


def _require_turn(known: dict[str, Decision], month: Month, *, is_hard: bool) -> None:
    found = state(known, month)
    if found == CLOSED:
        raise UsageError(f"{month} is closed already; --reopen opens it")
    if is_hard and found != SOFT_CLOSED:
        raise UsageError(f"{month} is {found}: close it softly first, without --hard")
    if not is_hard and found == SOFT_CLOSED:
        raise UsageError(f"{month} is soft closed already; --hard closes it for good")
    closed = [period for period, decision in known.items() if decision.event == CLOSED]
    if closed and max(closed) > str(month):
        raise UsageError(f"{max(closed)} is closed, and {month} lies before it")
    following = _following(max(closed)) if closed else month
    if is_hard and following != month:
        raise UsageError(f"close {following} first: months are closed in order")


def _require_over(connection: duckdb.DuckDBPyConnection, month: Month, now: datetime) -> None:
    """Refuse a month that goes on, or that nothing is delivered of; no force helps there."""
    today = now.replace(tzinfo=UTC).astimezone(BUSINESS_ZONE).date()
    if today <= month.last:
        raise UsageError(f"{month} is not over")
    oldest, newest = connection.execute(
        "select min(dt), max(dt) from raw.deliveries where status = 'accepted'"
    ).fetchall()[0]
    if newest is None or newest < month.first:
        raise UsageError(f"nothing is delivered of {month}: the newest file is of {newest}")
    is_posted = connection.execute(
        f"select exists (from {_POSTINGS} where period <= $1)", [str(month)]
    ).fetchall()[0][0]
    if month.next.first < oldest and not is_posted:  # a file may tell of the day before
        raise UsageError(f"nothing is delivered of {month}: the oldest file is of {oldest}")


def _following(period: str) -> Month:
    return Month.parse(period).next


def _earlier(
    connection: duckdb.DuckDBPyConnection, known: dict[str, Decision], month: Month
) -> list[Month]:
    """Months with postings before the first month that is ever closed."""
    if any(found.event == CLOSED for found in known.values()):
        return []
    rows = connection.execute(
        f"select distinct period from {_POSTINGS} where period < $1 order by 1", [str(month)]
    ).fetchall()
    return [Month.parse(row[0]) for row in rows]


def _close_for_good(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    who: Who,
    overridden: list[str],
    now: datetime | None,
) -> Decision:
    """Keep postings and report and enter the event, in the current transaction."""
    entered = _note(connection, month, CLOSED, who, now)
    _keep_overridden(connection, entered, overridden)
    kept = connection.execute("describe raw.frozen_postings").fetchall()
    columns = ", ".join(row[0] for row in kept if row[0] != "change_seq")
    connection.execute(
        f"insert into raw.frozen_postings (change_seq, {columns})"
        f" select $1, {columns} from {_POSTINGS} where period = $2 order by posting_id",
        [entered.change_seq, str(month)],
    )
    report.set_variables(connection, month, entered)
    report.freeze(connection, entered.change_seq)
    count, sha256 = digest(connection, entered.change_seq)
    return _enter(connection, replace(entered, posting_count=count, posting_sha256=sha256))


def _keep_overridden(
    connection: duckdb.DuckDBPyConnection, decision: Decision, overridden: list[str]
) -> None:
    connection.execute(
        "insert into raw.overridden_objections select $1, unnest($2::varchar[])",
        [decision.change_seq, overridden],
    )


def _note(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    event: str,
    who: Who,
    now: datetime | None,
) -> Decision:
    """Take the next number of the clock of change for a decision."""
    now = now or manifest.utc_now()
    reason = f"{month} by {who.name}" + (f": {who.reason}" if who.reason else "")
    seq = manifest.record_event(connection, None, event, reason, now)
    return Decision(str(month), event, seq, who.name, who.reason, who.is_forced, None, None, now)


def _enter(connection: duckdb.DuckDBPyConnection, decision: Decision) -> Decision:
    connection.execute(
        "insert into raw.period_closes (period, event, change_seq, closed_by, reason, is_forced,"
        " posting_count, posting_sha256, recorded_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        list(astuple(decision)),
    )
    return decision
