"""Audits of the marts before they are published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.quality.results import AuditResult
from orchestration.quality.runner import Check, audit

if TYPE_CHECKING:
    from types import ModuleType


def audit_marts(
    connection: duckdb.DuckDBPyConnection,
    marts_alias: str = "marts",
    previous_alias: str | None = None,
    *,
    thorough: bool = False,
    validations: list[Any] | None = None,
) -> list[AuditResult]:
    """Audit the clone that a run has built; one result per expectation.

    Args:
        connection: The warehouse, with the clone attached; nothing is written.
        marts_alias: Name under which the clone is attached.
        previous_alias: Name under which the published file is attached, for the drift.
        thorough: Also run the audits that read all of history.
        validations: If given, takes the GX results for `build_data_docs`.

    Returns:
        The verdicts. One that `blocks` stops the publish.
    """
    found = checks(connection, marts_alias, previous_alias, thorough=thorough)
    return audit(connection, found, validations)


def checks(
    connection: duckdb.DuckDBPyConnection,
    marts: str = "marts",
    previous: str | None = None,
    *,
    thorough: bool = False,
) -> Iterator[Check]:
    """Yield the checks of `audit_marts` for the tables that have rows; same arguments."""
    import expectations

    for table, module in expectations.mart_modules().items():
        if getattr(module, "THOROUGH", False) and not thorough:
            continue
        query = _query(module, marts, previous)
        optional = "{previous}" in module.QUERY
        if query is not None and _has_rows(connection, query, optional=optional):
            yield Check(table, query, module.suite(), module.KEYS)


def _query(module: ModuleType, marts: str, previous: str | None) -> str | None:
    """Name the databases in a module's query; None if it needs one that is not there."""
    query: str = module.QUERY.strip().replace("{marts}", marts)
    if "{previous}" not in query:
        return query
    return query.replace("{previous}", previous) if previous else None


def _has_rows(connection: duckdb.DuckDBPyConnection, query: str, *, optional: bool) -> bool:
    """Say whether there is something to audit.

    An earlier generation may lack a table or a column that is new: that is no fault. Any other
    query that can't be run is left to the audit, which then fails.
    """
    try:
        return connection.execute(f"select 1 from ({query}) limit 1").fetchone() is not None
    except duckdb.Error:
        return not optional
