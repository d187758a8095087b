"""Runs Great Expectations suites over an open DuckDB connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestration.home import AnxinError
from orchestration.log import masked
from orchestration.quality.contract import hidden_columns
from orchestration.quality.results import SAMPLE_SIZE, AuditResult

if TYPE_CHECKING:
    import duckdb
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

    from orchestration.quality.engine import DuckDBDatasource

KEYS_AT_ONCE = 100_000
"""Keys fetched per query; which rows come first is up to the database."""
DELIVERY = "_delivery_id"
Key = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """A suite and the rows that it reads."""

    table: str
    query: str
    """Starts with `select`; names no personal column."""
    suite: ExpectationSuite
    keys: tuple[str, ...] = ()
    """Columns that name a row of the query; with `_delivery_id` the verdict is per delivery."""


@dataclass
class Outcome:
    """One expectation after a run, with the keys of all unexpected rows where GX has them."""

    result: AuditResult
    keys: list[Key] = field(default_factory=list)
    complete: bool = True
    """False if rows failed whose keys are not among `keys`."""


def audit(
    connection: duckdb.DuckDBPyConnection,
    checks: Iterable[Check],
    validations: list[Any] | None = None,
) -> list[AuditResult]:
    """Run the checks and return one result per expectation.

    Args:
        connection: Read only as far as the audit goes; attached databases may be named.
        checks: Suites with the queries that they are about.
        validations: If given, takes the GX results for `build_data_docs`.
    """
    return [outcome.result for outcome in run(connection, checks, validations)]


def run(
    connection: duckdb.DuckDBPyConnection,
    checks: Iterable[Check],
    validations: list[Any] | None = None,
) -> list[Outcome]:
    """Run the checks like `audit`, keeping the keys of all unexpected rows."""
    from orchestration.quality import engine
    from orchestration.quality.docs import presentable

    checks = [check for check in checks if check.suite.expectations]
    if not checks:
        return []
    source = engine.data_source(engine.context(), connection)
    outcomes: list[Outcome] = []
    for check in checks:
        validation = engine.validate(source, check.query, check.suite, _result_format(check))
        if len(validation.results) != len(check.suite.expectations):
            raise AnxinError(f"{check.table}: not every expectation came back with a verdict.")
        for result in validation.results:
            outcome = _outcome(check.table, result)
            if DELIVERY in check.keys:
                _fetch_the_rest(source, check, result.expectation_config, outcome)
            outcomes.append(outcome)
        if validations is not None:
            validations.append(presentable(validation))
    return outcomes


def _fetch_the_rest(
    source: DuckDBDatasource,
    check: Check,
    configuration: ExpectationConfiguration,
    outcome: Outcome,
) -> None:
    """Ask again, without the deliveries known to fail, until all that fail are known.

    Not every key comes back at once, and a delivery must not pass because the rows of
    another one filled the answer.
    """
    from great_expectations import ExpectationSuite

    from orchestration.quality import engine

    while outcome.keys and not outcome.complete:
        failed = ", ".join(
            str(number) for number in sorted({key[DELIVERY] for key in outcome.keys})
        )
        suite = ExpectationSuite(
            name=check.suite.name, expectations=[configuration.to_domain_obj()]
        )
        query = f"select * from ({check.query}) where {DELIVERY} not in ({failed})"
        validation = engine.validate(source, query, suite, _result_format(check))
        rest = _outcome(check.table, validation.results[0])
        outcome.keys += rest.keys
        outcome.complete = rest.complete
        if not rest.keys:
            return


def per_delivery(outcome: Outcome, deliveries: Sequence[int]) -> dict[int, AuditResult]:
    """Split an outcome into one result per delivery.

    A failure whose keys are not all known, as after an exception, counts against every
    delivery: rather held for a look than accepted unseen.
    """
    base = outcome.result
    keys: dict[int, list[Key]] = {}
    for key in outcome.keys:
        keys.setdefault(key[DELIVERY], []).append(key)
    found = {}
    for delivery in deliveries:
        mine = keys.get(delivery, [])
        spread = not outcome.complete and not base.success
        found[delivery] = AuditResult(
            table=base.table,
            expectation=base.expectation,
            rule=base.rule,
            column=base.column,
            severity=base.severity,
            success=not mine and not spread,
            observed=_rows(len(mine)) if mine else base.observed if spread else "",
            unexpected_count=len(mine),
            sample=tuple(mine[:SAMPLE_SIZE]),
            delivery_id=delivery,
        )
    return found


def _result_format(check: Check) -> dict[str, Any]:
    return {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": list(check.keys),
        "partial_unexpected_count": KEYS_AT_ONCE,  # caps the keys of COMPLETE as well
        "exclude_unexpected_values": True,
        "include_unexpected_rows": False,
        "return_unexpected_index_query": False,
    }


def _outcome(table: str, validation: ExpectationValidationResult) -> Outcome:
    """Turn a GX result into ours; whatever it leaves open counts as a critical failure."""
    configuration = validation.expectation_config
    kwargs = configuration.kwargs
    error = _error(validation.exception_info)
    detail = validation.result or {}
    keys, count = shown_keys(detail), _count(detail)
    success = bool(validation.success) and error is None
    return Outcome(
        AuditResult(
            table=(configuration.meta or {}).get("table", table),
            expectation=configuration.type,
            rule=configuration.description or configuration.type,
            column=kwargs.get("column") or kwargs.get("column_A"),
            severity="critical" if error else configuration.severity.value,
            success=success,
            observed=error or _observed(detail, count),
            unexpected_count=count,
            sample=tuple(keys[:SAMPLE_SIZE]),
        ),
        keys=keys,
        complete=success or (error is None and 0 < count == len(keys)),
    )


def _error(information: dict[str, Any] | None) -> str | None:
    """Find an exception in either form that GX reports: its own, or one per metric."""
    information = information or {}
    reports = [information, *(item for item in information.values() if isinstance(item, dict))]
    for report in reports:
        if report.get("raised_exception"):
            message = masked(report.get("exception_message") or "unknown")
            return f"the check itself failed: {message[:200]}"
    return None


def shown_keys(detail: dict[str, Any]) -> list[Key]:
    """Read the keys of the unexpected rows, without the columns whose values stay hidden."""
    rows = detail.get("details", {}).get("unexpected_rows", [])
    for columns in detail.get("unexpected_index_list") or []:
        rows = [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]
    hidden = hidden_columns()
    return [{name: row[name] for name in row if name not in hidden} for row in rows]


def _count(detail: dict[str, Any]) -> int:
    """Count the unexpected rows; 0 for an expectation about one number."""
    if "unexpected_rows" in detail.get("details", {}):
        return int(detail["observed_value"])
    return int(detail.get("unexpected_count") or 0)


def _observed(detail: dict[str, Any], count: int) -> str:
    if "element_count" in detail:
        return f"{count} of {detail['element_count']} rows unexpected"
    if "unexpected_rows" in detail.get("details", {}):
        return f"{count} unexpected rows"
    return str(detail.get("observed_value", ""))


def _rows(count: int) -> str:
    at_least = "at least " if count >= KEYS_AT_ONCE else ""
    return f"{at_least}{count} unexpected row{'' if count == 1 else 's'}"
