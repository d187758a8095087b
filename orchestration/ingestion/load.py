"""From the landing to the raw tables: one file is one delivery and one transaction."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.ingestion import erasures, manifest, pseudonyms
from orchestration.ingestion.books import Entry, enter, enter_totals
from orchestration.ingestion.content import Content
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.fetch import Fetched, fetch_all, find_unchanged
from orchestration.ingestion.insert import insert_identity, insert_judged
from orchestration.ingestion.judge import Verdict, check_readable, judge
from orchestration.ingestion.landing import (
    NOT_UTF8,
    UNREADABLE_FOLDER,
    Finding,
    LandedFile,
    list_deliveries,
)
from orchestration.ingestion.plans import FeedPlan
from orchestration.ingestion.quarantine import quarantine, shown_problems
from orchestration.ingestion.readers import read
from orchestration.ingestion.repeats import other_days, within
from orchestration.ingestion.report import IngestReport, NewDelivery, Problem
from orchestration.ingestion.run import (
    Run,
    fingerprint,
    id_columns,
    plan_for,
    public_columns,
    set_up,
    settle_stamps,
    start_run,
)
from orchestration.ingestion.sidecar import contradictions, disagreements
from orchestration.ingestion.sources import Feed
from orchestration.ingestion.staging import Delivered
from orchestration.log import masked

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the path of the file that is next."""


def ingest(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> IngestReport:
    """Load every file of the landing whose content is not the latest of its path.

    A file that can't be read, or a row that breaks the contract, is entered as such and stops
    nothing else. The caller holds the writer's lock.

    Args:
        home: Whose landing.
        connection: To its warehouse, not inside a transaction.
        progress: Told about every file.
        now: UTC, with or without a zone; the wall clock when not given.

    Raises:
        AnxinError: The contract, a source or a raw table is not as it has to be.
    """
    run = start_run(home, connection, now)
    run.report.rekeyed_customers = pseudonyms.rekey(connection, run.people.key)
    files, findings = list_deliveries(home, run.sources)
    run.report.files_seen = len(files) + len(findings)
    try:
        for finding in findings:
            _enter_finding(run, finding)
        _settle_gone(run, files, findings)
        fetched = fetch_all(home, [(file, fingerprint(run, file)) for file in files], run.known)
        for done, item in enumerate(fetched):
            if progress:
                progress(done, len(files), item.file.path)
            _take(run, item)
        settle_stamps(run)
    finally:
        shutil.rmtree(run.work, ignore_errors=True)
        with suppress(duckdb.Error):
            run.staging.drop()
            connection.execute("reset threads")
    return run.report


def report_if_unchanged(home: Home, connection: duckdb.DuckDBPyConnection) -> IngestReport | None:
    """Return what an ingest would report if it had nothing to enter or to tell of, else None.

    Raises:
        AnxinError: As `ingest` does.
    """
    run = start_run(home, connection, None)
    shutil.rmtree(run.work, ignore_errors=True)
    files, findings = list_deliveries(home, run.sources)
    if pseudonyms.is_stale(connection, run.people.key):
        return None
    if _note_gone(run, files, findings) or not all(_is_entered(run, one) for one in findings):
        return None
    for file in files:
        item = find_unchanged(home, file, fingerprint(run, file), run.known.get(file.path))
        if item is None:
            return None
        run.stamps.update([item.settled] if item.settled else [])
    settle_stamps(run)
    run.report.files_seen = run.report.unchanged = len(files) + len(findings)
    return run.report


def _is_entered(run: Run, finding: Finding) -> bool:
    """Whether it is in the books as it is.

    A decision holds for what lay there then; before one, the newest stamp is noted. What earlier
    versions entered has none.
    """
    known = run.known.get(finding.path)
    if known is None or known.status != "rejected":
        return False
    if not known.reason or _in_short(known.reason) != _in_short(finding.reason):
        return False
    is_known = bool(finding.stamp) or known.stamp == manifest.GONE
    if is_known and known.stamp != finding.stamp:
        if known.is_refused and known.stamp:
            return False
        run.stamps[known.delivery_id] = finding.stamp
    return True


def _in_short(reason: str) -> str:
    """Return a reason without what is known or was decided besides."""
    return reason.partition(";")[0]


def _enter_finding(run: Run, finding: Finding) -> None:
    if _is_entered(run, finding):
        run.report.unchanged += 1
        return
    entry = Entry(finding.path, "rejected", finding.reason, stamp=finding.stamp)
    with manifest.transaction(run.connection):
        _enter(run, entry)
    _count(run, entry)


def _note_gone(run: Run, files: list[LandedFile], findings: list[Finding]) -> list[int]:
    """Note which findings lie there no more, and return those of which nobody has decided.

    Nothing is known of what lies below a folder that can't be read, nor in the folder of a known
    source in which nothing is seen: it may not be mounted.
    """
    there = {file.path for file in files} | {finding.path for finding in findings}
    seen = {_plain(path).partition("/")[0] for path in there}
    hidden = [_plain(one.path) for one in findings if one.reason.startswith(UNREADABLE_FOLDER)]
    undecided = []
    for path, known in run.known.items():
        is_noted = known.stamp == manifest.GONE and known.is_refused
        if known.sha256 is not None or is_noted or path in there:
            continue
        plain = _plain(path)
        source, is_below, _ = plain.partition("/")
        is_seen = source in seen if is_below and source in run.sources else bool(there)
        if is_seen and not any(not folder or plain.startswith(f"{folder}/") for folder in hidden):
            run.stamps[known.delivery_id] = manifest.GONE
            undecided += [] if known.is_refused else [known.delivery_id]
    return undecided


def _plain(path: str) -> str:
    return path.removeprefix(NOT_UTF8)


def _settle_gone(run: Run, files: list[LandedFile], findings: list[Finding]) -> None:
    """Decide of what was moved, renamed, removed or can be read again: it stands against nothing.

    If it comes back, it is another finding, by its stamp.
    """
    undecided = _note_gone(run, files, findings)
    if undecided:
        settle_stamps(run)
        manifest.reject(run.connection, dict.fromkeys(undecided, manifest.GONE), run.now)


def _take(run: Run, fetched: Fetched) -> None:
    """Load what was fetched, unless it is unchanged."""
    file, kept = fetched.file, fetched.content
    if fetched.fault:
        reason = f"can't be read now: {fetched.fault}"
        logger.warning("a file can't be read", extra={"path": file.path, "note": fetched.fault})
        run.report.unreadable[file.path] = fetched.fault
        run.report.problems.append(Problem(file.path, None, None, reason))
    elif kept is None:
        run.report.unchanged += 1
        run.stamps.update([fetched.settled] if fetched.settled else [])
    else:
        entry = Entry(
            file.path,
            "loaded",
            file=file,
            content=kept,
            sidecar=fetched.sidecar,
            mapping_sha256=fetched.fingerprint,
        )
        set_up(run, file.source, kept.size)
        try:
            entry = _load(run, entry, file, kept)
        except FileRejectedError as error:
            entry = replace(entry, status="rejected", reason=str(error))
            with manifest.transaction(run.connection):
                _enter(run, entry)
        except Exception as error:
            about = {"path": file.path, "note": type(error).__name__}
            logger.error("the ingest failed at a file", extra=about)
            raise
        _count(run, entry)


def _load(run: Run, entry: Entry, file: LandedFile, kept: Content) -> Entry:
    """Read, judge and load a file; return what was entered into the manifest."""
    bills = {name: feed.bill for name, feed in run.sources[file.source].feeds.items() if feed.bill}
    own, ids = bills.pop(file.feed, None), id_columns(run, file)
    delivered = read(
        run.staging, kept.evidence, file.format, file.compression, run.work, own, bills, ids
    )
    try:
        plan = plan_for(run, file, delivered)
        verdict = None if plan.feed.is_identity else judge(run.staging, plan, delivered)
        reasons = _reasons_to_hold(run, file, entry, delivered)
        entry = replace(
            entry,
            status="held" if reasons else "loaded",
            reason="; ".join(reasons) or None,
            notes=_notes(plan),
        )
        with manifest.transaction(run.connection):
            return _load_rows(run, entry, plan, delivered, verdict)
    except duckdb.Error as error:
        run.people.forget()
        check_readable(run.staging, delivered)
        if isinstance(error, duckdb.DataError):
            raise FileRejectedError(f"can't be loaded: {masked(error)}") from None
        raise


def _load_rows(
    run: Run, entry: Entry, plan: FeedPlan, delivered: Delivered, verdict: Verdict | None
) -> Entry:
    """Load rows, counts, quarantine and people of a delivery in the current transaction."""
    if verdict is None:
        verdict = insert_identity(run.staging, plan, delivered, run.next_id)
    else:
        insert_judged(run.staging, plan, verdict, run.next_id)
    quarantined = quarantine(run.staging, entry, run.next_id, delivered)
    if delivered.row_count != verdict.rows_accepted + quarantined:
        raise AnxinError(
            f"{entry.path}: {delivered.row_count} rows read are not"
            f" {verdict.rows_accepted} accepted and {quarantined} quarantined"
        )
    if delivered.statement:
        verdict.totals += [(plan.feed.name, *total) for total in delivered.statement.totals]
    enter_totals(run.connection, run.next_id, verdict)
    if run.erased:
        entry = _without_erased(run, entry, plan)
    people = [(str(entity.entity), name) for entity in plan.entities for name in entity.people]
    run.report.new_customers += run.people.add_new(people, run.next_id, delivered.row_count)
    entry = replace(entry, rows=(delivered.row_count, verdict.rows_accepted, quarantined))
    if plan.feed.whole:
        entry = _without_repeats(run, entry, plan.feed)
    _enter(run, entry)
    return entry


def _without_repeats(run: Run, entry: Entry, feed: Feed) -> Entry:
    """Hold a file that brings a thing twice, or a bill of another day."""
    reasons = [reason for reason in (entry.reason,) if reason]
    if feed.bill:
        reasons += other_days(run.connection, entry, run.next_id)
    for entity in feed.whole:
        reasons += within(run.connection, run.next_id, run.contract[entity], feed)
    if not reasons:
        return entry
    return replace(entry, status="held", reason="; ".join(reasons))


def _without_erased(run: Run, entry: Entry, plan: FeedPlan) -> Entry:
    """Empty the rows of erased people whom a file names again, and note that it isn't kept."""
    source = run.sources[plan.feed.source]
    entities = [run.contract[str(entity.entity)] for entity in plan.entities if entity.people]
    found = erasures.empty_delivery(
        run.connection, run.people.key, run.erased, entities, run.next_id, source.id_prefix
    )
    if not found:
        return entry
    erasures.mark_unfinished(run.home)
    notes = "; ".join(note for note in (entry.notes, erasures.NOTE) if note)
    return replace(entry, notes=notes)


def _notes(plan: FeedPlan) -> str | None:
    if not plan.extra:
        return None
    return f"{erasures.UNUSED}: {', '.join(plan.extra)}"


def _reasons_to_hold(run: Run, file: LandedFile, entry: Entry, delivered: Delivered) -> list[str]:
    reasons = []
    zone = ZoneInfo(run.sources[file.source].time_zone)
    today = run.now.replace(tzinfo=UTC).astimezone(zone).date()
    if file.dt > today + timedelta(days=1):
        reasons.append(f"dt {file.dt} lies beyond tomorrow; today is {today} in {zone.key}")
    if entry.sidecar and entry.content:
        public = public_columns(run, file)
        reasons += disagreements(run.connection, entry.sidecar, entry.content, delivered, public)
    return reasons + contradictions(run.connection, delivered)


def _enter(run: Run, entry: Entry) -> None:
    enter(run.connection, run.next_id, entry, run.now)


def _count(run: Run, entry: Entry) -> None:
    """Tell the report what was entered and committed, and move on to the next id."""
    report = run.report
    report.loaded += entry.status == "loaded"
    report.held += entry.status == "held"
    report.rejected += entry.status == "rejected"
    report.rows_read += entry.rows[0]
    report.rows_accepted += entry.rows[1]
    report.rows_quarantined += entry.rows[2]
    report.deliveries.append(NewDelivery(run.next_id, *entry.place, entry.path, entry.status))
    if entry.reason:
        report.problems.append(Problem(entry.path, None, None, entry.reason))
    if entry.rows[2]:
        report.problems += shown_problems(run.staging, entry.path)
    run.next_id += 1
