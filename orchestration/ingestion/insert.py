"""From a read file to the rows of the raw tables, inside the transaction of the delivery."""

from __future__ import annotations

from decimal import Decimal

from orchestration.home import AnxinError
from orchestration.ingestion import sql
from orchestration.ingestion.judge import Verdict
from orchestration.ingestion.plans import FeedPlan, Plan
from orchestration.ingestion.staging import Delivered, Staging


def insert_judged(staging: Staging, plan: FeedPlan, verdict: Verdict, delivery_id: int) -> None:
    """Load the rows that the verdict lets pass, for every entity of the feed."""
    for entity in plan.entities:
        query = f"with delivered as ({verdict.relation}), {verdict.prelude}{entity.rows}"
        loaded = _insert(staging, entity, query, delivery_id)
        if loaded != verdict.entity_counts[str(entity.entity)]:
            raise AnxinError(
                f"{loaded} rows of {entity.entity} were loaded, but"
                f" {verdict.entity_counts[str(entity.entity)]} accepted"
            )


def insert_identity(
    staging: Staging, plan: FeedPlan, delivered: Delivered, delivery_id: int
) -> Verdict:
    """Load a file whose rows are the entity's, judging each row on its way.

    Rows are looked at a second time only when some were refused.
    """
    entity = plan.entities[0]
    name = str(entity.entity)
    file = f"with delivered as ({delivered.relation}), "
    loaded = _insert(staging, entity, file + entity.clean_rows, delivery_id)
    if loaded < delivered.row_count - delivered.unsplit_count:
        staging.refuse_rows(file + entity.reasons)
    verdict = Verdict(delivered.relation, rows_accepted=loaded, entity_counts={name: loaded})
    if entity.totals:
        sums = ", ".join(f"coalesce(sum({sql.name(total)}), 0)" for total in entity.totals)
        values = staging.connection.execute(
            f"select {sums} from raw.{sql.name(name)} where _delivery_id = {delivery_id:d}"
        ).fetchone()
        for total, value in zip(entity.totals, values or (), strict=True):
            verdict.totals.append((name, total, Decimal(value)))
    return verdict


def _insert(staging: Staging, entity: Plan, query: str, delivery_id: int) -> int:
    table = f"raw.{sql.name(str(entity.entity))}"
    return sql.scalar(
        staging.connection, f"insert into {table} ({entity.columns}) {query}", delivery_id
    )
