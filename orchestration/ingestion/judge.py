"""Which rows of a read file keep the contract, and what the others are quarantined for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.plans import FeedPlan, Plan
from orchestration.ingestion.staging import PREPARED, REFUSED, Delivered, Staging
from orchestration.log import masked

MAX_PASSES = 100
_MAPPING_FAILS = (duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError)


@dataclass
class Verdict:
    """What becomes of a file's rows.

    Attributes:
        relation: A select that yields the accepted rows of the file.
        prelude: CTEs between `delivered` and a statement of the plan.
        rows_accepted: How many these are.
        entity_counts: Rows by entity.
        totals: (entity or feed, name of the total, value).
    """

    relation: str
    prelude: str = ""
    rows_accepted: int = 0
    entity_counts: dict[str, int] = field(default_factory=dict)
    totals: list[tuple[str, str, Decimal]] = field(default_factory=list)


def judge(staging: Staging, plan: FeedPlan, delivered: Delivered) -> Verdict:
    """Find the rows that break a rule, until all entities agree on the rows that remain.

    A mapping may gather several rows of the file into one, so what it yields depends on which
    rows are left: it is run again until nothing new is refused.

    Raises:
        FileRejectedError: The file can't be read to its end, or a mapping fails on it.
    """
    try:
        _refuse_by_feed(staging, plan, delivered)
        for _ in range(MAX_PASSES):
            verdict = _one_pass(staging, plan, delivered)
            if verdict:
                return _finish(staging, plan, verdict)
    except _MAPPING_FAILS as error:
        check_readable(staging, delivered)
        where = f"{plan.feed.source}/{plan.feed.name}"
        raise FileRejectedError(f"{where} fails on the file: {masked(error)}") from None
    raise FileRejectedError(
        f"after {MAX_PASSES} passes the mappings of {plan.feed.source}/{plan.feed.name} still"
        " refuse further rows"
    )


def remaining(staging: Staging, delivered: Delivered) -> str:
    """Return a select that yields the rows of the file that are not refused so far."""
    if staging.refused_is_empty:
        return delivered.relation
    return f"select * from ({delivered.relation}) anti join {REFUSED} using (_row_number)"


def check_readable(staging: Staging, delivered: Delivered) -> None:
    """Read every value of a file, to tell a damaged file from any other failure.

    Raises:
        FileRejectedError: The file can't be read to its end.
    """
    try:
        staging.connection.execute(
            f"select bit_xor(hash(every_row)) from ({delivered.relation}) as every_row"
        ).fetchall()
    except duckdb.Error as error:
        raise FileRejectedError(f"can't be read to its end: {masked(error)}") from None


def _refuse_by_feed(staging: Staging, plan: FeedPlan, delivered: Delivered) -> None:
    if plan.file:
        query = f"with delivered as ({delivered.relation}), "
        if _row(staging, query + plan.file.counts)[1]:
            staging.refuse_rows(query + plan.file.reasons)
    if plan.feed.quarantine:
        staging.refuse_rows(
            f"with delivered as ({remaining(staging, delivered)}), {plan.prelude}"
            f"marked as (\n{plan.feed.quarantine}\n)"
            " select _row_number, null, column_name, reason, null from marked order by all"
        )


def _one_pass(staging: Staging, plan: FeedPlan, delivered: Delivered) -> Verdict | None:
    """Judge every entity; refuse the bad rows of the one with most rows, if any, and say None.

    A bad value shows in its own row and again in whatever was gathered from that row. Where it
    stands alone it can be named.
    """
    relation = remaining(staging, delivered)
    verdict = Verdict(relation, _prepare(staging, plan, relation))
    query = f"with delivered as ({relation}), {verdict.prelude}"
    refusing: list[tuple[int, Plan]] = []
    for entity in plan.entities:
        count, bad, *sums = _row(staging, query + entity.counts)
        name = str(entity.entity)
        verdict.entity_counts[name] = count
        for total, value in zip(entity.totals, sums, strict=True):
            verdict.totals.append((name, total, Decimal(value)))
        if bad:
            refusing.append((count, entity))
    if not refusing:
        return verdict
    _, finest = max(refusing, key=lambda pair: pair[0])
    staging.refuse_rows(query + finest.reasons)
    return None


def _prepare(staging: Staging, plan: FeedPlan, relation: str) -> str:
    """Compute what all mappings of a feed share once; return the CTE that stands for it."""
    if not plan.prelude:
        return ""
    staging.connection.execute(
        f"create or replace temp table {PREPARED.rpartition('.')[2]} as"
        f" with delivered as ({relation}), {plan.prelude}"
        " shared as (select * from prepared) select * from shared"
    )
    return f"prepared as (select * from {PREPARED}), "


def _finish(staging: Staging, plan: FeedPlan, verdict: Verdict) -> Verdict:
    run = staging.connection.execute
    verdict.rows_accepted = sql.scalar(
        staging.connection, f"select count(*) from ({verdict.relation})"
    )
    if plan.feed.totals:
        result = run(f"with delivered as ({verdict.relation}), {verdict.prelude}{_totals(plan)}")
        names = [column[0] for column in result.description or ()]
        for name, value in zip(names, result.fetchone() or (), strict=True):
            verdict.totals.append((plan.feed.name, name, Decimal(value or 0)))
    return verdict


def _totals(plan: FeedPlan) -> str:
    return f"totals as (\n{plan.feed.totals}\n) select * from totals"


def _row(staging: Staging, query: str) -> tuple[int, ...]:
    row: tuple[int, ...] = staging.connection.execute(query).fetchone() or ()
    return row
