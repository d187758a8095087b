"""Batch audits: what a delivery has to pass before its rows count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orchestration.quality import profile
from orchestration.quality.contract import entities
from orchestration.quality.results import AuditResult
from orchestration.quality.runner import DELIVERY, Check, per_delivery, run
from orchestration.quality.versions import VERSIONS

if TYPE_CHECKING:
    import duckdb


def audit_deliveries(
    connection: duckdb.DuckDBPyConnection,
    delivery_ids: Iterable[int],
    *,
    validations: list[Any] | None = None,
) -> dict[int, list[AuditResult]]:
    """Audit loaded deliveries, all in one go.

    Args:
        connection: The warehouse; only temporary tables are made, and dropped again.
        delivery_ids: Deliveries whose rows stand in raw and do not count yet.
        validations: If given, takes the GX results for `build_data_docs`.

    Returns:
        For every delivery the verdicts that concern it. One that `blocks` holds it.
    """
    wanted = sorted(set(delivery_ids))
    if not wanted:
        return {}
    import expectations

    audited = [name for name in expectations.entity_names() if name in entities()]
    rates = {name: expectations.entity(name).RATES for name in audited}
    profile.make_profile(connection, wanted, rates, entities())
    try:
        concerned = _concerned(connection)
        delivered = [name for name in audited if f"raw.{name}" in concerned]
        checks = [_profile_check(delivered), _versions_check(), *map(_rows_check, delivered)]
        outcomes = run(connection, checks, validations)
    finally:
        profile.drop_profile(connection)
    found: dict[int, list[AuditResult]] = {delivery: [] for delivery in wanted}
    for outcome in outcomes:
        deliveries = concerned.get(outcome.result.table, wanted)
        for delivery, result in per_delivery(outcome, deliveries).items():
            found[delivery].append(result)
    return found


def _profile_check(delivered: list[str]) -> Check:
    from great_expectations import ExpectationSuite

    import expectations
    from expectations import deliveries

    expected = list(deliveries.suite().expectations)
    for name in delivered:
        expected += expectations.entity(name).batches().expectations
    suite = ExpectationSuite(name=deliveries.TABLE, expectations=expected)
    return Check(deliveries.TABLE, f"select * from {profile.PROFILE}", suite, (DELIVERY, "entity"))


def _versions_check() -> Check:
    from expectations import versions

    query = f"select * from {VERSIONS}"
    return Check(versions.TABLE, query, versions.suite(), (DELIVERY, "entity", "_row_number"))


def _rows_check(name: str) -> Check:
    import expectations

    query = profile.new_rows(entities()[name])
    return Check(f"raw.{name}", query, expectations.entity(name).rows(), (DELIVERY, "_row_number"))


def _concerned(connection: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """Map each raw table to the deliveries that brought rows for it."""
    rows = connection.execute(
        f"select 'raw.' || entity, list(_delivery_id order by _delivery_id) "
        f"from {profile.PROFILE} where entity <> 'file' group by all"
    ).fetchall()
    return dict(rows)
