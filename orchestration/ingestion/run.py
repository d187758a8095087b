"""What one ingest knows and carries from file to file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.home import Home
from orchestration.ingestion import content, erasures, manifest, pseudonyms, schema, sql
from orchestration.ingestion.contract import Entity, load_contract
from orchestration.ingestion.fetch import Known
from orchestration.ingestion.landing import LandedFile
from orchestration.ingestion.plans import FeedPlan, make_plan
from orchestration.ingestion.pseudonyms import People
from orchestration.ingestion.report import IngestReport
from orchestration.ingestion.sources import MACROS, Source, check_entities, load_sources
from orchestration.ingestion.staging import Delivered, Staging

SMALL_BYTES = 1 << 20
"""A file below this size is loaded in one thread."""


@dataclass
class Run:
    """What one ingest carries from file to file."""

    home: Home
    connection: duckdb.DuckDBPyConnection
    now: datetime
    contract: dict[str, Entity]
    sources: dict[str, Source]
    staging: Staging
    people: People
    erased: dict[str, int]
    work: Path
    known: dict[str, Known]
    next_id: int
    report: IngestReport = field(default_factory=IngestReport)
    stamps: dict[int, str] = field(default_factory=dict)
    plans: dict[object, FeedPlan] = field(default_factory=dict)
    setting: tuple[str, bool] | None = None
    fingerprints: dict[tuple[str, str], str] = field(default_factory=dict)


def start_run(home: Home, connection: duckdb.DuckDBPyConnection, now: datetime | None) -> Run:
    """Bring home, session and raw tables up to date, and read what is known so far."""
    home.create()
    sql.prepare_session(connection)
    connection.execute(MACROS)
    contract, sources = load_contract(), load_sources()
    check_entities(sources, contract)
    schema.ensure(connection, contract, sources)
    now = now or datetime.now(UTC)
    key = pseudonyms.load_key(home)
    erased = erasures.erased_people(connection, key)
    erasures.sweep_evidence(home, connection)
    return Run(
        home=home,
        connection=connection,
        now=now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now,
        contract=contract,
        sources=sources,
        staging=Staging(connection),
        people=People(connection, key),
        erased=erased,
        work=content.work_folder(home),
        known=_known(connection),
        next_id=sql.scalar(
            connection, "select coalesce(max(delivery_id), 0) + 1 from raw.deliveries"
        ),
    )


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, Known]:
    rows = connection.execute(
        "select path, delivery_id, sha256, file_stamp, status, status_reason, sidecar_sha256,"
        f" mapping_sha256, status = 'rejected' and delivery_id in ({manifest.DECIDED})"
        " from raw.deliveries"
        " qualify row_number() over (partition by path order by delivery_id desc) = 1"
    ).fetchall()
    return {row[0]: Known(*row[1:]) for row in rows}


def set_up(run: Run, source: str, size: int) -> None:
    """Set the session up for a file; statements over few rows are faster in one thread."""
    setting = (run.sources[source].time_zone, size < SMALL_BYTES)
    if setting != run.setting:
        run.setting = setting
        run.connection.execute("set variable time_zone = ?", [setting[0]])
        run.connection.execute("set threads = 1" if setting[1] else "reset threads")


def fingerprint(run: Run, file: LandedFile) -> str:
    """Return a hash of all that decides how a file of this feed is read."""
    place = (file.source, file.feed)
    if place not in run.fingerprints:
        source = run.sources[file.source]
        feed = source.feeds[file.feed]
        entities = [run.contract[name] for name, _ in feed.mappings]
        settings = (source.time_zone, source.currency_code, source.id_prefix)
        rules = (settings, feed, entities)
        called = () if feed.is_identity else (MACROS,)
        run.fingerprints[place] = hashlib.sha256(repr((*called, *rules)).encode()).hexdigest()
    return run.fingerprints[place]


def plan_for(run: Run, file: LandedFile, delivered: Delivered) -> FeedPlan:
    """Return the statements for a file, made once for all files of the same shape."""
    direct = delivered.relation if "read_parquet" in delivered.relation else ""
    key = (file.source, file.feed, delivered.columns, direct)
    if key not in run.plans:
        source = run.sources[file.source]
        run.plans[key] = make_plan(
            run.connection, source, source.feeds[file.feed], run.contract, delivered
        )
    return run.plans[key]


def id_columns(run: Run, file: LandedFile) -> set[str]:
    """Return which columns of a file are ids; of a mapped one only its SQL knows."""
    feed = run.sources[file.source].feeds[file.feed]
    names = [name for name, _ in feed.mappings if feed.is_identity]
    return {column.name for name in names for column in run.contract[name].columns if column.id}


def public_columns(run: Run, file: LandedFile) -> set[str]:
    """Return which columns of a feed are about nobody, as far as contract and bill name them."""
    feed = run.sources[file.source].feeds[file.feed]
    columns = [column for name, _ in feed.mappings for column in run.contract[name].columns]
    totals = {name for _, name in feed.bill.summary} if feed.bill else set()
    return totals | {column.name for column in columns if not column.is_private}


def settle_stamps(run: Run) -> None:
    """Note the stamps of files that were hashed and found unchanged, and those of findings."""
    if run.stamps:
        run.connection.execute(
            "update raw.deliveries set file_stamp = fresh.stamp from"
            " (select unnest(?::bigint[]) as delivery_id, unnest(?::varchar[]) as stamp) as fresh"
            " where deliveries.delivery_id = fresh.delivery_id",
            [list(run.stamps), list(run.stamps.values())],
        )
