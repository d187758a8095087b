"""One run from landed files to published marts; Dagster and the command call its steps."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration import (
    backfill,
    change_logs,
    descriptions,
    erasing,
    feeds,
    log,
    publishing,
    records,
    transform,
)
from orchestration.home import AnxinError, Home, UsageError, limits
from orchestration.lock import Holder, writer_lock
from orchestration.publishing import AuditRow, Generation, WaitingRow
from orchestration.quality.results import AuditResult, blocking
from orchestration.records import RunRecord
from orchestration.recovery import notice_restored_warehouse, recover
from orchestration.status import StatusWriter, reporting, why

if TYPE_CHECKING:
    from orchestration.ingestion.report import IngestReport

logger = logging.getLogger(__name__)


FILES_PER_STATUS = 50
"""How often an ingest says how far it is; writing the status costs more than a small file."""


class AuditError(AnxinError):
    """A critical audit failed; readers keep the file published before."""


class Pipeline:
    """The steps of one run, called in order by whoever holds the writer lock."""

    def __init__(self, home: Home, status: StatusWriter, run_id: str) -> None:
        self.home = home
        self.status = status
        self.record = RunRecord(run_id, datetime.now(UTC))
        self.is_partial = False
        """Whether only a selection of the models was built, which is never published."""
        self._built_by = ""
        """Fingerprint of the code that the clone was built by; code may be deployed meanwhile."""
        self._unreadable: dict[str, str] | None = None
        """What `IngestReport.unreadable` says of this run; None before it has looked."""
        self._held: list[int] = []
        self._audits: list[AuditRow] = []
        self._validations: list[Any] = []
        self._waiting: list[WaitingRow] = []

    @property
    def audits(self) -> tuple[AuditRow, ...]:
        """All verdicts of this run so far, of every stage."""
        return tuple(self._audits)

    def ingest(self) -> IngestReport:
        """Load every landed file whose content is new for its path; nothing counts yet."""
        from orchestration.ingestion import load

        with self._step("ingest"), connect(self.home) as connection:
            report = load.ingest(
                self.home,
                connection,
                progress=lambda done, total, path: self._count_files(done, total, path),
            )
        self._unreadable = report.unreadable
        self._held = [new.delivery_id for new in report.deliveries if new.status == "held"]
        if erasing.is_unfinished(self.home):  # a file named somebody who is erased
            with self._step("erase"):
                erasing.finish(self.home)
        self.record.ingested = records.plain(report)
        for new in report.deliveries:
            with log.about_delivery(new.delivery_id):
                logger.info("delivery entered", extra={"path": new.path, "status": new.status})
        return report

    def has_work_landed(self) -> bool:
        """Whether there is a file to load, or a loaded one that has not been judged."""
        from orchestration.ingestion import load, manifest

        with self._step("look"), connect(self.home) as connection:
            report = load.report_if_unchanged(self.home, connection)
            if report is None or manifest.pending(connection):
                return True
        self.record.ingested, self._unreadable = records.plain(report), report.unreadable
        return False

    def audit_deliveries(self) -> dict[int, list[AuditResult]]:
        """Let loaded deliveries count, or hold them, by their batch audits."""
        from orchestration.ingestion import manifest, repeats

        with self._step("audit deliveries"), connect(self.home) as connection:
            pending = manifest.pending(connection)
            if not pending and not self._held:
                return {}
            from orchestration.quality.deliveries import audit_deliveries

            verdicts = audit_deliveries(connection, pending, validations=self._validations)
            held = _what_blocks(verdicts)
            held |= repeats.repeats(connection, set(pending) - held.keys())
            accepted = [delivery for delivery in pending if delivery not in held]
            manifest.hold(connection, held)
            manifest.accept(connection, accepted)
            # Whoever releases what was held when it was read is to know what else is wrong.
            manifest.hold(connection, _what_blocks(audit_deliveries(connection, self._held)))
            manifest.hold(connection, repeats.repeats_of_each(connection, self._held))
        self.record.accepted, self.record.held = accepted, held
        for results in verdicts.values():
            self._keep("delivery", results)
        return verdicts

    def is_up_to_date(self) -> bool:
        """Whether both databases were built from all that counts now, by today's code."""
        published = publishing.read_published(self.home)
        if published is None or not self.home.warehouse.exists():
            return False
        with connect(self.home) as connection:
            head = _raw_head(connection)
        return published.change_seq == head and self._stands(self._fingerprint())

    def build(
        self,
        *,
        select: str | None = None,
        full_refresh: bool = False,
        on_node: Callable[[transform.NodeResult], None] | None = None,
    ) -> transform.TransformResult:
        """Clone the published marts and let dbt edit the clone.

        Raises:
            AuditError: A model or a critical data test failed.
        """
        fingerprint = self._built_by = self._fingerprint()

        def report(node: transform.NodeResult) -> None:
            self.status.step("build", node.name)
            if on_node:
                on_node(node)

        only_changes = self._stands(fingerprint) and not full_refresh and not select
        with self._step("clone"):
            publishing.clone(self.home)
        with self._step("build"):
            result = transform.build(
                self.home,
                select=select,
                full_refresh=full_refresh,
                only_changes=only_changes,
                on_node=report,
            )
        self._record_nodes(result)
        if result.failed:
            names = ", ".join(node.name for node in result.failed[:5])
            raise AuditError(f"{len(result.failed)} of the models and data tests failed: {names}")
        if select:
            self.is_partial = True
        else:
            transform.drop_orphans(self.home)
            self._remember_built(fingerprint)
        return result

    def audit_marts(self) -> list[AuditResult]:
        """Audit the clone before it is published.

        Raises:
            AuditError: A critical audit failed.
        """
        from orchestration.quality.marts import audit_marts

        with self._step("audit marts"), connect(self.home) as connection:
            _attach(connection, self.home.marts_next, "marts")
            previous = None
            if self.home.published.exists():
                _attach(connection, self.home.published, previous := "published")
            waiting: list[tuple[Any, ...]] = []
            results = audit_marts(
                connection,
                previous_alias=previous,
                validations=self._validations,
                waiting=waiting,
            )
        self._waiting = [WaitingRow(*row) for row in waiting]
        self._keep("marts", results)
        failed = blocking(results)
        if failed:
            rules = "; ".join(f"{result.table}: {result.rule}" for result in failed[:5])
            raise AuditError(f"{len(failed)} critical audits of the marts failed: {rules}")
        return results

    def publish(self) -> Generation:
        """Stamp the clone and make it what readers see."""
        with self._step("publish"):
            published = publishing.read_published(self.home)
            transform.note_audited(self.home)
            change_logs.prune(self.home)
            erased = self._erase_from_marts(published)
            is_new_code = published is None or published.code_fingerprint != self._built_by
            descriptions.write(self.home, anew=is_new_code)
            publishing.stamp(
                self.home,
                run_id=self.record.run_id,
                code_fingerprint=self._built_by,
                audits=self._audits,
                waiting=self._waiting,
            )
            generation = publishing.publish(self.home, oldest=erased)
        self.record.generation_id = generation.generation_id
        return generation

    def _erase_from_marts(self, published: Generation | None) -> int:
        """Clean the clone of people whom the published file still shows; return the newest."""
        from orchestration.ingestion import erasures

        with connect(self.home) as connection:
            newest = erasures.newest_erasure(connection)
            if newest and published and published.change_seq < newest:
                rows = connection.execute("select customer_key from raw.erasures").fetchall()
                erasing.clean_marts(self.home.marts_next, [row[0] for row in rows])
        return newest

    def write_docs(self) -> None:
        """Write Data Docs of the audits of this run, if there were any."""
        if not self._validations:
            return
        from orchestration.quality.docs import build_data_docs

        with self._step("docs"):
            try:
                build_data_docs(self._validations, self.home.docs)
            except Exception:  # a page less is no reason to withhold what has passed its audits
                logger.exception("Data Docs were not written")

    def finish(self, outcome: str, message: str) -> RunRecord:
        """Say how the run ended, in the status and in the record."""
        if self._unreadable:
            count = len(self._unreadable)
            message += f"; {count} file{'s' if count > 1 else ''} could not be read"
        self.record.outcome, self.record.message = outcome, message
        state = {"nothing_new": "nothing_new", "failed": "failed"}.get(outcome, "succeeded")
        self.status.finish(state, message)  # type: ignore[arg-type]
        self.record.save(self.home)
        self._keep_books()
        logger.info("run finished", extra={"outcome": outcome, "note": message})
        return self.record

    def fail(self, error: BaseException) -> None:
        """Drop the clone and record why the run failed; what was refused has not been a run."""
        publishing.drop_clone(self.home)
        self.record.outcome, self.record.message = "failed", why(error)
        if isinstance(error, UsageError) and not self.status.has_begun:
            return
        self.record.save(self.home)
        self._keep_books()
        logger.error("run failed", exc_info=None if isinstance(error, AnxinError) else error)

    def _keep_books(self) -> None:
        """Sum the manifest up for `anxin status`; a run has not failed for want of that."""
        if not self.home.warehouse.exists():
            return
        try:
            feeds.save(self.home, self._unreadable)
        except (duckdb.Error, OSError):
            logger.warning("the state of the deliveries was not written", exc_info=True)

    def _count_files(self, done: int, total: int, path: str) -> None:
        if done % FILES_PER_STATUS == 0:
            self.status.step("ingest", path, files_done=done, files_total=total)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.status.step(name)
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = self.record.seconds[name] = round(time.perf_counter() - started, 3)
            logger.info("step ended", extra={"step": name, "seconds": spent})

    def _keep(self, stage: str, results: list[AuditResult]) -> None:
        self._audits += records.audit_rows(stage, results)
        self.record.add_audits(stage, results)

    def _record_nodes(self, result: transform.TransformResult) -> None:
        self.record.add_nodes(result.nodes)
        tests = [node for node in result.nodes if node.resource_type == "test" and node.ran]
        self._keep("data test", [records.node_audit(node) for node in tests])
        broken = [node for node in tests if node.failures and node.compiled_code]
        if broken and self.home.marts_next.exists():
            with connect(self.home) as connection:
                _attach(connection, self.home.marts_next, "marts")
                for node in broken:
                    self.record.failing_rows[node.name] = records.failing_rows(connection, node)

    def _fingerprint(self) -> str:
        with connect(self.home) as connection:
            return transform.fingerprint(connection)

    def _stands(self, fingerprint: str) -> bool:
        """Whether both databases were last built whole by this code, views and seeds included.

        A run that isn't published leaves the warehouse built by one code and the marts by another.
        """
        published = publishing.read_published(self.home)
        if published is None or published.code_fingerprint != fingerprint:
            return False
        with connect(self.home) as connection:
            try:
                row = connection.execute("select code_fingerprint from changes.built").fetchone()
            except duckdb.CatalogException:
                return False
        return row is not None and row[0] == fingerprint

    def _remember_built(self, fingerprint: str) -> None:
        with connect(self.home) as connection:
            connection.execute(
                "create or replace table changes.built as select $1 as code_fingerprint",
                [fingerprint],
            )


@contextmanager
def opened(
    home: Home,
    purpose: str,
    *,
    run_id: str | None = None,
    wait: float | None = None,
    on_wait: Callable[[Holder], None] | None = None,
) -> Iterator[Pipeline]:
    """Hold the writer lock for one run; an exception drops the clone and is recorded."""
    run_id = run_id or str(uuid.uuid4())
    home.create()
    with writer_lock(home, purpose, run_id=run_id, wait=wait, on_wait=on_wait):
        log.configure(home, run_id)
        recover(home)
        with reporting(home, run_id) as status:
            pipeline = Pipeline(home, status, run_id)
            try:
                notice_restored_warehouse(home)
                if erasing.is_unfinished(home):  # it was killed
                    erasing.finish(home)
                yield pipeline
            except BaseException as error:
                pipeline.fail(error)
                raise


def run(
    home: Home,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    run_id: str | None = None,
    wait: float | None = None,
    on_wait: Callable[[Holder], None] | None = None,
    on_node: Callable[[transform.NodeResult], None] | None = None,
) -> RunRecord:
    """Ingest, build, audit and publish in one go, without Dagster.

    Raises:
        AuditError: A critical audit failed; nothing was published.
    """
    with opened(home, "run", run_id=run_id, wait=wait, on_wait=on_wait) as pipeline:
        pipeline.ingest()
        pipeline.audit_deliveries()
        return complete(pipeline, select=select, full_refresh=full_refresh, on_node=on_node)


def complete(
    pipeline: Pipeline,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    on_node: Callable[[transform.NodeResult], None] | None = None,
) -> RunRecord:
    """Do what follows once all that is delivered counts: build, audit, publish."""
    reason = skip_reason(pipeline, full_refresh=full_refresh, select=select)
    if reason:
        return pipeline.finish(*reason)
    pipeline.build(select=select, full_refresh=full_refresh, on_node=on_node)
    return audit_and_publish(pipeline)


def skip_reason(
    pipeline: Pipeline, *, full_refresh: bool = False, select: str | None = None
) -> tuple[str, str] | None:
    """Say why there is nothing to build, as outcome and message; None when there is."""
    paused = publishing.read_pause(pipeline.home)
    if paused:
        return "paused", f"publishing is paused: {paused.reason}; `anxin publish` resumes it"
    if not full_refresh and not select and pipeline.is_up_to_date():
        return "nothing_new", "nothing new: the published marts are up to date"
    return None


def audit_and_publish(pipeline: Pipeline) -> RunRecord:
    """Audit the built clone and publish it; a selection of models is not published.

    Raises:
        AuditError: A critical audit failed, or a model has not seen every change.
    """
    if pipeline.is_partial:
        publishing.drop_clone(pipeline.home)
        return pipeline.finish("incomplete", "not published: only a selection was built")
    stale = transform.stale_models(pipeline.home, pipeline.home.marts_next)
    if stale:
        raise AuditError(f"{len(stale)} models have not seen every change: {', '.join(stale[:5])}")
    try:
        pipeline.audit_marts()
    finally:
        pipeline.write_docs()
    generation = pipeline.publish()
    return pipeline.finish("published", f"published generation {generation.generation_id}")


def request_recompute(home: Home, first: date, last: date, selection: str | None) -> int:
    """Ask for a range of business dates to be built again; return the change's number.

    Args:
        home: Whose marts.
        first: First date.
        last: Last date, included.
        selection: Names of the models to build again, parted by spaces; None for all.

    Raises:
        UsageError: A name is no restating model's, or the range is empty.
    """
    from orchestration.ingestion import manifest

    backfill.require_models(home, selection)
    with connect(home) as connection:
        return manifest.request_recompute(connection, first, last, selection)


@contextmanager
def connect(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing."""
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def _what_blocks(verdicts: Mapping[int, list[AuditResult]]) -> dict[int, str]:
    """Return for each delivery that fails its audit what was found."""
    return {
        delivery: "; ".join(f"{result.rule}: {result.observed}" for result in failed)
        for delivery, results in verdicts.items()
        if (failed := blocking(results))
    }


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {alias} (read_only)")


def _raw_head(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(change_seq), 0) from raw.change_events")
    return int(row.fetchall()[0][0])
