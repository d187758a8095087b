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
from orchestration.ingestion.errors import FileChangedError, FileRejectedError
from orchestration.ingestion.judge import Verdict, insert_rows, judge
from orchestration.ingestion.landing import Finding, LandedFile, list_deliveries
from orchestration.ingestion.plans import FeedPlan, make_plan
from orchestration.ingestion.pseudonyms import Key
from orchestration.ingestion.quarantine import quarantine, shown_problems
from orchestration.ingestion.readers import read
from orchestration.ingestion.report import IngestReport, NewDelivery, Problem
from orchestration.ingestion.sidecar import Sidecar, disagreements, read_sidecar
from orchestration.ingestion.sources import Source, check_entities, load_sources
from orchestration.ingestion.staging import Delivered, Staging

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the path of the file that is next."""


@dataclass(frozen=True)
class _Known:
    """The latest delivery of a path."""

    delivery_id: int
    sha256: str | None
    stamp: str | None
    status: str
    reason: str | None
    sidecar_sha256: str | None
    mapping_sha256: str | None


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
    known: dict[str, _Known]
    next_id: int
    report: IngestReport = field(default_factory=IngestReport)
    stamps: dict[int, str] = field(default_factory=dict)
    plans: dict[object, FeedPlan] = field(default_factory=dict)
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
        for done, file in enumerate(files):
            if progress:
                progress(done, len(files), file.path)
            _take(run, file)
    finally:
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


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, _Known]:
    rows = connection.execute(
        "select path, delivery_id, sha256, file_stamp, status, status_reason, sidecar_sha256,"
        " mapping_sha256 from raw.deliveries"
        " qualify row_number() over (partition by path order by delivery_id desc) = 1"
    ).fetchall()
    return {row[0]: _Known(*row[1:]) for row in rows}


def _enter_finding(run: _Run, finding: Finding) -> None:
    known = run.known.get(finding.path)
    if known and known.status == "rejected" and known.reason == finding.reason:
        run.report.unchanged += 1
        return
    with manifest.transaction(run.connection):
        _enter(run, Entry(finding.path, "rejected", finding.reason))
    _count(run, Entry(finding.path, "rejected", finding.reason))


def _take(run: _Run, file: LandedFile) -> None:
    """Load a file unless it is unchanged."""
    known = run.known.get(file.path)
    try:
        sidecar = read_sidecar(file.sidecar)
        if known and _is_unchanged(run, file, known, sidecar):
            run.report.unchanged += 1
            return
        kept = content.keep(run.home, file.location)
    except (FileChangedError, FileNotFoundError, PermissionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        run.report.problems.append(Problem(file.path, None, None, f"can't be read now: {reason}"))
        return
    entry = Entry(
        file.path,
        "loaded",
        file=file,
        content=kept,
        sidecar=sidecar,
        mapping_sha256=_fingerprint(run, file),
    )
    try:
        entry = _load(run, entry, file, kept)
    except FileRejectedError as error:
        entry = replace(entry, status="rejected", reason=str(error))
        with manifest.transaction(run.connection):
            _enter(run, entry)
    _count(run, entry)


def _is_unchanged(run: _Run, file: LandedFile, known: _Known, sidecar: Sidecar | None) -> bool:
    """Whether the latest delivery of the path stands for what lies there now.

    A rejected file gets another chance once the feed's SQL or the contract is another one, a
    held file once its sidecar is.
    """
    if known.status == "rejected" and known.mapping_sha256 != _fingerprint(run, file):
        return False
    if known.status == "held" and known.sidecar_sha256 != (sidecar and sidecar.sha256):
        return False
    stamp = content.stamp(file.location)
    if stamp and stamp == known.stamp:
        return True
    if content.hash_file(file.location) != known.sha256:
        return False
    if stamp:
        run.stamps[known.delivery_id] = stamp
    return True


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
    run.connection.execute("set variable time_zone = ?", [run.sources[file.source].time_zone])
    delivered = read(run.staging, kept.evidence, file.format, file.compression, run.work)
    plan = _plan(run, file, delivered)
    verdict = judge(run.staging, plan, delivered)
    reasons = _reasons_to_hold(run, file, entry, delivered)
    with manifest.transaction(run.connection):
        quarantined = quarantine(run.staging, file, run.next_id, delivered)
        _insert(run, file, plan, verdict)
        entry = replace(
            entry,
            status="held" if reasons else "loaded",
            reason="; ".join(reasons) or None,
            rows=(delivered.row_count, verdict.rows_accepted, quarantined),
            notes=_notes(plan),
        )
        if delivered.row_count != verdict.rows_accepted + quarantined:
            raise AnxinError(
                f"{file.path}: {delivered.row_count} rows read are not"
                f" {verdict.rows_accepted} accepted and {quarantined} quarantined"
            )
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


def _insert(run: _Run, file: LandedFile, plan: FeedPlan, verdict: Verdict) -> None:
    """Load the accepted rows, what counts them, and the people whom they name."""
    for entity in plan.entities:
        name = str(entity.entity)
        loaded = insert_rows(run.staging, entity, verdict, run.next_id)
        if loaded != verdict.entity_counts[name]:
            raise AnxinError(
                f"{file.path}: {loaded} rows of {name} were loaded, but"
                f" {verdict.entity_counts[name]} accepted"
            )
    enter_totals(run.connection, run.next_id, verdict)
    people = [(str(entity.entity), name) for entity in plan.entities for name in entity.people]
    run.report.new_customers += pseudonyms.add_new(run.connection, run.key, people, run.next_id)


def _enter(run: _Run, entry: Entry) -> None:
    enter(run.connection, run.next_id, entry, run.now)


def _count(run: _Run, entry: Entry) -> None:
    """Tell the report what was entered and committed, and move on to the next id."""
    report, file = run.report, entry.file
    report.loaded += entry.status == "loaded"
    report.held += entry.status == "held"
    report.rejected += entry.status == "rejected"
    report.rows_read += entry.rows[0]
    report.rows_accepted += entry.rows[1]
    report.rows_quarantined += entry.rows[2]
    source, feed, dt = (file.source, file.feed, file.dt) if file else (None, None, None)
    new = NewDelivery(run.next_id, source, feed, dt, entry.path, entry.status)
    report.deliveries.append(new)
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
