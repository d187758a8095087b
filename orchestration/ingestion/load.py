"""From the landing to the raw tables: one file is one delivery and one transaction."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.ingestion import content, manifest, pseudonyms, schema, sql
from orchestration.ingestion.books import Entry, enter, enter_totals
from orchestration.ingestion.content import Content
from orchestration.ingestion.contract import Entity, load_contract
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.fetch import Fetched, Known, fetch_all
from orchestration.ingestion.insert import check_readable, insert_identity, insert_judged
from orchestration.ingestion.judge import Verdict, judge
from orchestration.ingestion.landing import Finding, LandedFile, list_deliveries
from orchestration.ingestion.plans import FeedPlan, make_plan
from orchestration.ingestion.pseudonyms import Key
from orchestration.ingestion.quarantine import quarantine, shown_problems
from orchestration.ingestion.readers import read
from orchestration.ingestion.report import IngestReport, NewDelivery, Problem
from orchestration.ingestion.sidecar import disagreements
from orchestration.ingestion.sources import Source, check_entities, load_sources
from orchestration.ingestion.staging import Delivered, Staging

SMALL_BYTES = 1 << 20
"""A file below this size is loaded in one thread."""

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the path of the file that is next."""


@dataclass
class _Run:
    """What one ingest carries from file to file."""

    home: Home
    connection: duckdb.DuckDBPyConnection
    now: datetime
    contract: dict[str, Entity]
    sources: dict[str, Source]
    staging: Staging
    key: Key
    work: Path
    known: dict[str, Known]
    next_id: int
    report: IngestReport = field(default_factory=IngestReport)
    stamps: dict[int, str] = field(default_factory=dict)
    plans: dict[object, FeedPlan] = field(default_factory=dict)
    setting: tuple[str, bool] | None = None
    fingerprints: dict[tuple[str, str], str] = field(default_factory=dict)


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
    run = _start(home, connection, now)
    files, findings = list_deliveries(home, run.sources)
    run.report.files_seen = len(files) + len(findings)
    try:
        for finding in findings:
            _enter_finding(run, finding)
        fetched = fetch_all(home, [(file, _fingerprint(run, file)) for file in files], run.known)
        for done, item in enumerate(fetched):
            if progress:
                progress(done, len(files), item.file.path)
            _take(run, item)
    finally:
        connection.execute("reset threads")
        _settle_stamps(run)
        shutil.rmtree(run.work, ignore_errors=True)
    return run.report


def _start(home: Home, connection: duckdb.DuckDBPyConnection, now: datetime | None) -> _Run:
    home.create()
    sql.prepare_session(connection)
    contract, sources = load_contract(), load_sources()
    check_entities(sources, contract)
    schema.ensure(connection, contract, sources)
    now = now or datetime.now(UTC)
    key = pseudonyms.load_key(home)
    run = _Run(
        home=home,
        connection=connection,
        now=now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now,
        contract=contract,
        sources=sources,
        staging=Staging(connection),
        key=key,
        work=content.work_folder(home),
        known=_known(connection),
        next_id=sql.scalar(
            connection, "select coalesce(max(delivery_id), 0) + 1 from raw.deliveries"
        ),
    )
    run.report.rekeyed_customers = pseudonyms.rekey(connection, key)
    return run


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, Known]:
    rows = connection.execute(
        "select path, delivery_id, sha256, file_stamp, status, status_reason, sidecar_sha256,"
        " mapping_sha256 from raw.deliveries"
        " qualify row_number() over (partition by path order by delivery_id desc) = 1"
    ).fetchall()
    return {row[0]: Known(*row[1:]) for row in rows}


def _enter_finding(run: _Run, finding: Finding) -> None:
    known = run.known.get(finding.path)
    if known and known.status == "rejected" and known.reason == finding.reason:
        run.report.unchanged += 1
        return
    with manifest.transaction(run.connection):
        _enter(run, Entry(finding.path, "rejected", finding.reason))
    _count(run, Entry(finding.path, "rejected", finding.reason))


def _take(run: _Run, fetched: Fetched) -> None:
    """Load what was fetched, unless it is unchanged."""
    file, kept = fetched.file, fetched.content
    if fetched.fault:
        reason = f"can't be read now: {fetched.fault}"
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
        _set_up(run, file.source, kept.size)
        try:
            entry = _load(run, entry, file, kept)
        except FileRejectedError as error:
            entry = replace(entry, status="rejected", reason=str(error))
            with manifest.transaction(run.connection):
                _enter(run, entry)
        _count(run, entry)


def _set_up(run: _Run, source: str, size: int) -> None:
    """Set the session up for a file; statements over few rows are faster in one thread."""
    setting = (run.sources[source].time_zone, size < SMALL_BYTES)
    if setting != run.setting:
        run.setting = setting
        run.connection.execute("set variable time_zone = ?", [setting[0]])
        run.connection.execute("set threads = 1" if setting[1] else "reset threads")


def _fingerprint(run: _Run, file: LandedFile) -> str:
    """Return a hash of all that decides how a file of this feed is read."""
    place = (file.source, file.feed)
    if place not in run.fingerprints:
        source = run.sources[file.source]
        feed = source.feeds[file.feed]
        entities = [run.contract[name] for name, _ in feed.mappings]
        rules = repr((source.time_zone, source.currency_code, feed, entities))
        run.fingerprints[place] = hashlib.sha256(rules.encode()).hexdigest()
    return run.fingerprints[place]


def _load(run: _Run, entry: Entry, file: LandedFile, kept: Content) -> Entry:
    """Read, judge and load a file; return what was entered into the manifest."""
    delivered = read(run.staging, kept.evidence, file.format, file.compression, run.work)
    plan = _plan(run, file, delivered)
    verdict = None if plan.feed.is_identity else judge(run.staging, plan, delivered)
    reasons = _reasons_to_hold(run, file, entry, delivered)
    entry = replace(
        entry,
        status="held" if reasons else "loaded",
        reason="; ".join(reasons) or None,
        notes=_notes(plan),
    )
    try:
        with manifest.transaction(run.connection):
            return _load_rows(run, entry, plan, delivered, verdict)
    except duckdb.Error:
        check_readable(run.staging, delivered)
        raise


def _load_rows(
    run: _Run, entry: Entry, plan: FeedPlan, delivered: Delivered, verdict: Verdict | None
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
    enter_totals(run.connection, run.next_id, verdict)
    people = [(str(entity.entity), name) for entity in plan.entities for name in entity.people]
    run.report.new_customers += pseudonyms.add_new(run.connection, run.key, people, run.next_id)
    entry = replace(entry, rows=(delivered.row_count, verdict.rows_accepted, quarantined))
    _enter(run, entry)
    return entry


def _plan(run: _Run, file: LandedFile, delivered: Delivered) -> FeedPlan:
    direct = delivered.relation if "read_parquet" in delivered.relation else ""
    key = (file.source, file.feed, delivered.columns, direct)
    if key not in run.plans:
        source = run.sources[file.source]
        run.plans[key] = make_plan(
            run.connection, source, source.feeds[file.feed], run.contract, delivered
        )
    return run.plans[key]


def _notes(plan: FeedPlan) -> str | None:
    if not plan.extra:
        return None
    return f"columns that the feed does not use: {', '.join(plan.extra)}"


def _reasons_to_hold(run: _Run, file: LandedFile, entry: Entry, delivered: Delivered) -> list[str]:
    reasons = []
    zone = ZoneInfo(run.sources[file.source].time_zone)
    today = run.now.replace(tzinfo=UTC).astimezone(zone).date()
    if file.dt > today + timedelta(days=1):
        reasons.append(f"dt {file.dt} lies beyond tomorrow; today is {today} in {zone.key}")
    if entry.sidecar and entry.content:
        reasons += disagreements(run.connection, entry.sidecar, entry.content, delivered)
    return reasons


def _enter(run: _Run, entry: Entry) -> None:
    enter(run.connection, run.next_id, entry, run.now)


def _count(run: _Run, entry: Entry) -> None:
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


def _settle_stamps(run: _Run) -> None:
    """Note the stamps of files that were hashed and found unchanged."""
    if run.stamps:
        run.connection.execute(
            "update raw.deliveries set file_stamp = fresh.stamp from"
            " (select unnest(?::bigint[]) as delivery_id, unnest(?::varchar[]) as stamp) as fresh"
            " where deliveries.delivery_id = fresh.delivery_id",
            [list(run.stamps), list(run.stamps.values())],
        )
