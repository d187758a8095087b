"""Audits of the marts before they are published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.quality.results import AuditResult
from orchestration.quality.runner import Check, audit

if TYPE_CHECKING:
    from types import ModuleType

_PREFIX = "audited "
_WAITING = f"""
select entity, waits_for, count(*), min(updated_at)
from temp."{_PREFIX}waiting"
group by all
order by all
"""


def audit_marts(
    connection: duckdb.DuckDBPyConnection,
    marts_alias: str = "marts",
    previous_alias: str | None = None,
    *,
    thorough: bool = False,
    validations: list[Any] | None = None,
    waiting: list[tuple[Any, ...]] | None = None,
) -> list[AuditResult]:
    """Audit the clone that a run has built; one result per expectation.

    Args:
        connection: The warehouse, with the clone attached; only temporary tables are made.
        marts_alias: Name under which the clone is attached.
        previous_alias: Name under which the published file is attached, for the drift.
        thorough: Also run the audits that read all of history.
        validations: If given, takes the GX results for `build_data_docs`.
        waiting: If given, takes entity, missing parent, count and oldest version time of the
            rows that wait.

    Returns:
        The verdicts. One that `blocks` stops the publish.
    """
    try:
        found = list(checks(connection, marts_alias, previous_alias, thorough=thorough))
        if waiting is not None:
            waiting += _count_waiting(connection)
        return audit(connection, found, validations)
    finally:
        _drop_computed(connection)


def checks(
    connection: duckdb.DuckDBPyConnection,
    marts: str = "marts",
    previous: str | None = None,
    *,
    thorough: bool = False,
) -> Iterator[Check]:
    """Yield the checks of `audit_marts` for the tables that have rows; same arguments.

    A module of `expectations.marts` may say that it is THOROUGH, or COMPUTED: its query is more
    than a look at a table, and is run once, into a temporary table. In a query, `{rows}` are the
    rows of the module's table that no published file was audited with.
    """
    import expectations

    for table, module in expectations.mart_modules().items():
        if getattr(module, "THOROUGH", False) and not thorough:
            continue
        query = _query(module, marts, previous)
        if query is not None and "{rows}" in query:
            query = query.replace("{rows}", _unaudited(connection, table, marts))
        if query is not None and getattr(module, "COMPUTED", False):
            query = _compute(connection, table, query, optional="{previous}" in module.QUERY)
        if query is not None and _has_rows(connection, query):
            yield Check(table, query, module.suite(), module.KEYS)


def _unaudited(connection: duckdb.DuckDBPyConnection, table: str, marts: str) -> str:
    """Name the rows of a restating model that no published file was audited with.

    As in macros/restate/unaudited.sql: those of the units that its log names since then, or the
    table itself where that is unknown.
    """
    model = table.rpartition(".")[2]
    try:
        audited = connection.execute(
            f"select audited.seq from {marts}.changes.audited inner join {marts}.changes.heads"
            " using (model) where model = $1 and audited.seq between reset_seq and heads.seq",
            [model],
        ).fetchone()
    except duckdb.CatalogException:
        audited = None
    if audited is None:
        return f"{marts}.{table}"
    log = f"{marts}.changes.{model}"
    unit = connection.execute(f"from {log} limit 0").description[0][0]
    name = f'temp."{_PREFIX}rows of {model}"'
    connection.execute(
        f"create or replace temp table {name} as select input_rows.*"
        f" from (select distinct {unit} from {log} where seq > {audited[0]}) as changed"
        f" inner join {marts}.{table} as input_rows using ({unit})"
    )
    return name


def _query(module: ModuleType, marts: str, previous: str | None) -> str | None:
    """Name the databases in a module's query; None if it needs one that is not there."""
    query: str = module.QUERY.strip().replace("{marts}", marts)
    if "{previous}" not in query:
        return query
    return query.replace("{previous}", previous) if previous else None


def _compute(
    connection: duckdb.DuckDBPyConnection, table: str, query: str, *, optional: bool
) -> str | None:
    """Run a dear query once, because GX runs it several times per expectation.

    An earlier generation may lack a table or a column that is new: that is no fault, and there
    is nothing to audit. Any other query that can't be run is left to the audit, which then fails.
    """
    name = f'temp."{_PREFIX}{table}"'
    try:
        connection.execute(f"create or replace temp table {name} as {query}")
    except duckdb.Error:
        return None if optional else query
    return f"select * from {name}"


def _count_waiting(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Count what waits; where it can't be found, the audit of it fails."""
    try:
        return connection.execute(_WAITING).fetchall()
    except duckdb.CatalogException:
        return []


def _has_rows(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Say whether there is something to audit; a query that can't be run is left to the audit."""
    try:
        return connection.execute(f"select 1 from ({query}) limit 1").fetchone() is not None
    except duckdb.Error:
        return True


def _drop_computed(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "select table_name from duckdb_tables() where temporary and starts_with(table_name, $1)",
        [_PREFIX],
    ).fetchall()
    for (table,) in tables:
        connection.execute(f'drop table temp."{table}"')
