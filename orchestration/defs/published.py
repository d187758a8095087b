"""The published marts: audited as a whole, then made visible by one rename."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration import publishing
from orchestration.defs.checks import report_audits
from orchestration.defs.project import OWNERS, PUBLISHED, Project
from orchestration.defs.session import RESOURCE, RunSession, stage
from orchestration.home import PROJECT
from orchestration.pipeline import audit_and_publish
from orchestration.publishing import AuditRow

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult

SUITES = PROJECT / "expectations" / "marts"

EXPECTED = dg.FreshnessPolicy.cron(
    deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=24), timezone="Asia/Shanghai"
)
"""Something new is published every day by six in the morning."""


def published_assets(project: Project) -> dg.AssetsDefinition:
    """The file that readers open, behind all marts."""
    spec = dg.AssetSpec(
        key=PUBLISHED,
        deps=sorted(project.marts),
        description="One row per published generation: the file that BI tools read. A mart's own"
        " materialization says that a run has built it; readers see it once this asset of the"
        " same run is materialized.",
        group_name="published",
        kinds={"duckdb"},
        owners=OWNERS,
        freshness_policy=EXPECTED,
    )

    @dg.multi_asset(
        name="publish",
        specs=[spec],
        check_specs=[_suite(name) for name in suite_names()],
        can_subset=True,
        required_resource_keys={RESOURCE},
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[Result]:
        """Audit the clone and publish it; a critical failure leaves readers with what they have."""
        with stage(context) as session:
            pipe = session.pipeline(context.run.run_id)
            try:
                _audit(context, session)
            except Exception:
                yield from report_suites(context, pipe.audits)
                raise
            yield from report_suites(context, pipe.audits)
            if pipe.record.generation_id is not None:
                yield dg.MaterializeResult(
                    asset_key=PUBLISHED,
                    metadata={
                        "published": True,
                        "generation": pipe.record.generation_id,
                        "bytes": session.home.published.stat().st_size,
                    },
                )
            context.log.info(pipe.record.message or "audited; nothing was to be published")

    return publish


def _suite(name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=name,
        asset=PUBLISHED,
        description=f"The audits of expectations/marts/{name}.py, held before publishing.",
        blocking=True,
    )


def suite_names() -> list[str]:
    """Names of the suites on published tables; importing them takes seconds."""
    return sorted(path.stem for path in SUITES.glob("[!_]*.py"))


def _audit(context: dg.AssetExecutionContext, session: RunSession) -> None:
    """Audit and publish what this run has built; with nothing built, audit what is published."""
    pipe = session.pipeline(context.run.run_id)
    if session.is_built and PUBLISHED in context.selected_asset_keys:
        audit_and_publish(pipe)
    elif session.home.published.exists() or session.is_built:
        if not session.is_built:
            publishing.clone(session.home)
            session.is_built = True
        try:
            pipe.audit_marts()
        finally:
            pipe.write_docs()


def report_suites(
    context: dg.AssetExecutionContext, audits: Iterable[AuditRow]
) -> Iterator[dg.AssetCheckResult]:
    """Report one evaluation per suite that had something to audit."""
    found: dict[str, list[tuple[str, AuditRow]]] = {}
    for audit in audits:
        if audit.stage == "marts":
            suite = audit.table_name.rpartition(".")[2]
            found.setdefault(suite, []).append((_rule(audit), audit))
    for suite in suite_names():
        if suite in found:
            yield from report_audits(context, _suite(suite), found[suite])


def _rule(audit: AuditRow) -> str:
    return f"{audit.expectation} of {audit.column_name}" if audit.column_name else audit.expectation
