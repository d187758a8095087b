"""What audits and data tests said, as evaluations of asset checks.

The jobs don't plan checks: a planned check that a run does not come to, because nothing is new,
would show as skipped in place of its last verdict. An evaluation is logged when there is one;
a check that the user interface selected gets its result as an output of the step, too.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import dagster as dg

LISTED = 50
"""Failed rules that a check's page lists."""


class Verdict(Protocol):
    """What an audit of any kind says."""

    @property
    def severity(self) -> str:
        """`critical` or `warning`."""

    @property
    def success(self) -> bool:
        """Whether it held."""

    @property
    def observed(self) -> str | None:
        """What was found, in words."""


def report_audits(
    context: dg.AssetExecutionContext,
    spec: dg.AssetCheckSpec,
    verdicts: Iterable[tuple[str, Verdict]],
    *,
    held: int = 0,
) -> Iterator[dg.AssetCheckResult]:
    """Report the audits behind a check as one evaluation.

    Args:
        context: Of the step that audited.
        spec: The check.
        verdicts: Each rule in words, with its verdict.
        held: Deliveries that wait for a decision; with any, the check fails.
    """
    pairs = list(verdicts)
    metadata: dict[str, Any] = {"audits": len(pairs)}
    failed = [(rule, verdict) for rule, verdict in pairs if not verdict.success]
    if held:
        metadata["deliveries_held"] = held
    if failed:
        lines = [f"{found.severity}: {rule}: {found.observed}" for rule, found in failed[:LISTED]]
        metadata["failed"] = "\n".join(lines)
    yield from report_check(
        context,
        spec,
        passed=not failed and not held,
        is_warning=not held and all(found.severity != "critical" for _, found in failed),
        **metadata,
    )


def report_check(
    context: dg.AssetExecutionContext,
    spec: dg.AssetCheckSpec,
    *,
    passed: bool,
    is_warning: bool,
    **metadata: Any,  # noqa: ANN401 (whatever Dagster can show)
) -> Iterator[dg.AssetCheckResult]:
    """Report one evaluation of a check."""
    severity = dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR
    if spec.key in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=passed,
            severity=severity,
            metadata=metadata,
        )
    else:
        context.log_event(
            dg.AssetCheckEvaluation(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=passed,
                severity=severity,
                metadata=metadata,
                blocking=spec.blocking,
            )
        )
