"""Raw tables: what came of the deliveries, and the audits that let them count."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import pipeline
from orchestration.defs.arrivals import deliver, deliveries_key, is_subset
from orchestration.defs.checks import report_audits
from orchestration.defs.project import Project
from orchestration.defs.session import RESOURCE, Delivered, stage
from orchestration.home import Home
from orchestration.ingestion.sources import Source
from orchestration.quality.results import AuditResult

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult

AUDITS = "batch_audits"


def raw_assets(project: Project, sources: dict[str, Source]) -> dg.AssetsDefinition:
    """Raw tables, one asset per dbt source table, behind the deliveries that fill them."""
    entities = _entities(sources)
    specs = [_raw(key, about, entities, sources) for key, about in project.sources.items()]
    checks = {s.key.path[-1]: _audits(s.key) for s in specs if s.key.path[-1] in entities}

    @dg.multi_asset(
        name="ingest",
        specs=specs,
        check_specs=list(checks.values()),
        can_subset=True,
        required_resource_keys={RESOURCE},
    )
    def ingest(context: dg.AssetExecutionContext) -> Iterator[Result]:
        """Load what has landed and let it count or hold it; the run ends here if nothing is new."""
        with stage(context) as session:
            delivered = deliver(context, session)
            stopped = session.decide(context.run.run_id, is_subset=is_subset(context, project))
            rows = _new_rows(session.home, delivered)
            if not stopped:
                yield from _checks(context, session.home, checks, delivered)
        if stopped:
            context.log.info(stopped)
        else:
            for key in sorted(context.selected_asset_keys):
                new_rows = rows.get(key.path[-1], 0)
                yield dg.MaterializeResult(asset_key=key, metadata={"new_rows": new_rows})

    return ingest


def _audits(key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        AUDITS,
        asset=key,
        description="The batch audits of the deliveries of this run hold, and no earlier delivery"
        " is held. What is held does not count until it is released or replaced.",
    )


def _raw(
    key: dg.AssetKey, about: str, entities: dict[str, set[str]], sources: dict[str, Source]
) -> dg.AssetSpec:
    fillers = entities.get(key.path[-1], set(sources))
    return dg.AssetSpec(
        key=key,
        deps=[deliveries_key(source) for source in sorted(fillers)],
        description=" ".join(about.split()),
        group_name="raw",
        kinds={"duckdb", "table"},
    )


def _entities(sources: dict[str, Source]) -> dict[str, set[str]]:
    """Map each entity to the sources that deliver it."""
    found: dict[str, set[str]] = {}
    for source in sources.values():
        for feed in source.feeds.values():
            for entity, _ in feed.mappings:
                found.setdefault(entity, set()).add(source.name)
    return found


def _new_rows(home: Home, delivered: Delivered) -> dict[str, int]:
    """Rows that the deliveries of this run brought, by entity; also those of held ones."""
    if not delivered.ids:
        return {}
    with pipeline.connect(home) as connection:
        found = connection.execute(
            "select entity, cast(sum(row_count) as bigint) from raw.delivery_entities"
            " where delivery_id in (select unnest(?::bigint[])) group by entity",
            [delivered.ids],
        ).fetchall()
    return dict(found)


def _checks(
    context: dg.AssetExecutionContext,
    home: Home,
    specs: dict[str, dg.AssetCheckSpec],
    delivered: Delivered,
) -> Iterator[dg.AssetCheckResult]:
    """Report one evaluation per entity: the audits of this run, and what is held since earlier."""
    found: dict[str, list[AuditResult]] = {}
    for results in delivered.verdicts.values():
        for table in {result.table for result in results if result.table.startswith("raw.")}:
            # What concerns the delivery as a whole counts for every entity that it fills.
            found.setdefault(table.removeprefix("raw."), []).extend(
                r for r in results if r.table == table or not r.table.startswith("raw.")
            )
    held = _held(home)
    for entity, spec in specs.items():
        verdicts = [(result.rule, result) for result in found.get(entity, [])]
        yield from report_audits(context, spec, verdicts, held=held.get(entity, 0))


def _held(home: Home) -> dict[str, int]:
    """Deliveries that wait for a decision, by entity."""
    with pipeline.connect(home) as connection:
        found = connection.execute(
            "select entity, count(distinct delivery_id) from raw.delivery_entities"
            " inner join raw.deliveries using (delivery_id) where status = 'held' group by entity"
        ).fetchall()
    return dict(found)
