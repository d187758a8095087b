"""The one pipeline that the steps of a Dagster run share, and the writer lock that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
import duckdb

from orchestration import pipeline, publishing, transform
from orchestration.defs.instance import tag_process
from orchestration.home import AnxinError, Home
from orchestration.ingestion.report import IngestReport
from orchestration.lock import Holder, LockTimeoutError
from orchestration.pipeline import Pipeline
from orchestration.quality.results import AuditResult
from orchestration.records import RunRecord

RESOURCE = "session"
OUTCOME_TAG = "anxin/outcome"

UNATTENDED_WAIT = 1800.0
"""Seconds that a run which nobody watches waits for another writer before it tries again."""
RETRIES = 2
RETRY_SECONDS = 30.0


class StepError(AnxinError):
    """A step failed of an error whose text must not be kept."""


@dataclass
class Delivered:
    """What an ingest brought, and what its audits say by delivery."""

    report: IngestReport
    verdicts: dict[int, list[AuditResult]]

    @property
    def ids(self) -> list[int]:
        """The deliveries that this run entered into the manifest."""
        return [new.delivery_id for new in self.report.deliveries]


@dataclass
class RunSession:
    """Opens the pipeline when a step first needs it, and closes it when the run ends.

    Attributes:
        home: The home that the run writes.
        wait: Seconds to wait for another writer, None without end.
        retries: How often a step is tried again after a transient failure.
        full_refresh: Rebuild every model from raw.
        recompute: dbt names of the models that a requested range is recomputed in.
        purpose: What others read in the lock file.
        is_built: Whether there is a clone that this run has built or audits.
        record: What the run did, once it has begun.
        error: What it failed of.
    """

    home: Home
    wait: float | None = UNATTENDED_WAIT
    retries: int = RETRIES
    on_wait: Callable[[Holder], None] | None = None
    on_node: Callable[[transform.NodeResult], None] | None = None
    full_refresh: bool = False
    recompute: str | None = None
    purpose: str = "run"
    delivered: Delivered | None = None
    is_built: bool = False
    is_decided: bool = False
    stopped: str | None = None
    record: RunRecord | None = None
    error: BaseException | None = None
    _pipeline: Pipeline | None = None
    _open: AbstractContextManager[Pipeline] | None = field(default=None, repr=False)

    def pipeline(self, run_id: str) -> Pipeline:
        """Return the run's pipeline, taking the writer lock for it at the first call."""
        if self._pipeline is None:
            self._open = pipeline.opened(
                self.home, self.purpose, run_id=run_id, wait=self.wait, on_wait=self.on_wait
            )
            self._pipeline = self._open.__enter__()
            self.record = self._pipeline.record
        return self._pipeline

    def rest(self, run_id: str) -> RunRecord | None:
        """End the run at once if there is nothing to do; return its record if so.

        What goes wrong here goes wrong again in the run's steps, where Dagster has it on record;
        there, too, another writer is waited for.
        """
        wait, self.wait = self.wait, 0.0
        try:
            pipe = self.pipeline(run_id)
            reason = None if pipe.has_work_landed() else pipeline.skip_reason(pipe)
            if reason is None:
                return None
            pipe.finish(*reason)
        except Exception:
            return None
        except BaseException as error:
            self.close(error)
            raise
        finally:
            self.wait = wait
        self.close()
        return self.record

    def deliver(self, run_id: str) -> tuple[Delivered, bool]:
        """Load and audit what has landed, once per run; say whether this call did it."""
        if self.delivered is not None:
            return self.delivered, False
        pipe = self.pipeline(run_id)
        self.delivered = Delivered(pipe.ingest(), pipe.audit_deliveries())
        return self.delivered, True

    def decide(self, run_id: str, *, is_subset: bool) -> str | None:
        """Say, once per run, why there is nothing to build; the run has then ended well."""
        if not self.is_decided:
            pipe = self.pipeline(run_id)
            select = "a subset" if is_subset else None
            reason = pipeline.skip_reason(pipe, full_refresh=self.full_refresh, select=select)
            if reason:
                self.stopped = pipe.finish(*reason).message
            self.is_decided = True
        return self.stopped

    def request_recompute(self, first: date, last: date) -> int:
        """Ask for a range of business dates to be built again; return the change's number."""
        return pipeline.request_recompute(self.home, first, last, self.recompute)

    def close(self, error: BaseException | None = None) -> None:
        """End the pipeline and free the lock; the error, if any, is what the run failed of."""
        self.error = self.error or error
        opened, pipe, self._open, self._pipeline = self._open, self._pipeline, None, None
        if opened is None or pipe is None:
            return
        if error is None:
            if pipe.record.outcome == "running":
                _end_partial(pipe, is_built=self.is_built)
            opened.__exit__(None, None, None)
            return
        try:
            opened.__exit__(type(error), error, error.__traceback__)
        except BaseException as raised:
            if raised is not error:
                raise


def _end_partial(pipe: Pipeline, *, is_built: bool) -> None:
    """End a run whose selection left out the publishing."""
    if pipe.is_partial:
        pipeline.audit_and_publish(pipe)  # says that a selection is not published
    elif is_built:
        publishing.drop_clone(pipe.home)
        pipe.finish("audited", "not published: published_marts was not selected")
    else:
        pipe.finish("ingested", "all that has landed is loaded; the next run builds from it")


def session_resource(make: Callable[[], RunSession]) -> dg.ResourceDefinition:
    """A resource that gives all steps of a run one session and closes it at the end."""

    @dg.resource(
        config_schema={
            "full_refresh": dg.Field(
                bool, default_value=False, description="Rebuild every model from raw."
            ),
            "recompute": dg.Field(
                str,
                is_required=False,
                description="Backfill: names of the models to recompute, by default all.",
            ),
        },
        description="The writer lock and the pipeline, shared by the steps of one run.",
    )
    def session(context: dg.InitResourceContext) -> Iterator[RunSession]:
        opened = make()
        config: dict[str, Any] = context.resource_config or {}
        opened.full_refresh = opened.full_refresh or config.get("full_refresh", False)
        if opened.recompute is None:
            opened.recompute = config.get("recompute")
        instance, run_id = context.instance, context.run.run_id if context.run else None
        if instance and run_id:
            tag_process(instance, run_id)
        try:
            yield opened
        finally:
            opened.close()
            if instance and run_id and opened.record:
                instance.add_run_tags(run_id, {OUTCOME_TAG: opened.record.outcome})

    return session


@contextmanager
def stage(context: dg.AssetExecutionContext) -> Iterator[RunSession]:
    """Give a step the run's session.

    A transient failure asks for another try with the pipeline still open; any other one ends
    the pipeline, which frees the lock at once. Dagster keeps the text of errors, and foreign
    ones may quote delivered values: these stay in `session.error` and, masked, in the log.
    """
    session: RunSession = context.resources.session
    try:
        yield session
    except BaseException as error:
        if is_transient(error) and context.retry_number < session.retries:
            raise dg.RetryRequested(session.retries, RETRY_SECONDS) from error
        session.close(error)
        if isinstance(error, AnxinError) or not isinstance(error, Exception):
            raise
        told = StepError(f"{type(error).__name__}; logs/anxin.jsonl says more")
        raise told.with_traceback(error.__traceback__) from None


def is_transient(error: BaseException) -> bool:
    """Whether another try may succeed: another writer at work, or a file system out of sorts."""
    return isinstance(error, LockTimeoutError | OSError | duckdb.IOException)
