"""Odd versions among the new rows: repeated ones, and ones from after their file's day.

A version is a key at a version time. A repeated one does no harm where the rows agree, and where
they differ only the row number decides between them: someone should know. The work follows the
new rows and the stretch of time that their versions cover: earlier rows from outside are skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.quality.contract import keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import duckdb

    from orchestration.ingestion.contract import Entity

COMPARED = "temp.audited_compared"
VERSIONS = "temp.audited_versions"
MASTERS = frozenset(
    ("products", "merchants", "creators", "customers", "right_enrolments", "source_parameters")
)
"""Entities that a source may deliver whole every day: unchanged versions come again and again."""


def make_versions(
    connection: duckdb.DuckDBPyConnection,
    audited: str,
    spans: Mapping[str, tuple[datetime, datetime]],
    entities: Mapping[str, Entity],
) -> None:
    """Make the table of odd versions, one row per odd row and entity.

    Args:
        connection: Holds the raw tables; keeps the temporary ones.
        audited: The table of the deliveries to be audited.
        spans: First and last version time of the new rows, by entity that has some.
        entities: The raw contract.
    """
    from expectations.rules import LATE_DAYS

    connection.execute(_compared_sql(audited))
    connection.execute(
        f"create or replace temp table {VERSIONS} (_delivery_id bigint, entity varchar,"
        " _row_number bigint, repeats varchar, days_after_dt double)"
    )
    for name, span in spans.items():
        connection.execute(_repeated_sql(entities[name]), span)
        connection.execute(_late_sql(entities[name], LATE_DAYS))


def drop_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables."""
    for table in (VERSIONS, COMPARED):
        connection.execute(f"drop table if exists {table}")


def _compared_sql(audited: str) -> str:
    """New deliveries and those that count; what a new one will replace is left out."""
    return f"""
        create or replace temp table {COMPARED} as
        select
            deliveries.delivery_id, deliveries.dt, deliveries.path,
            deliveries.delivery_id in (from {audited}) as is_new,
            timezone(
                'UTC',
                timezone(coalesce(sources.time_zone, 'UTC'), (deliveries.dt + 1)::timestamp)
            ) as ends_at
        from raw.deliveries as deliveries
        left join raw.sources as sources using (source)
        where
            is_new
            or (
                deliveries.status = 'accepted'
                and deliveries.path not in (
                    select path from raw.deliveries where delivery_id in (from {audited})
                )
            )"""


def _repeated_sql(entity: Entity) -> str:
    """Insert the new rows whose version stands before them: in their file, or in another one.

    Parameters: the span.
    """
    version = ", ".join((*keys(entity), entity.version))
    is_master = entity.name in MASTERS
    scope = f"_delivery_id, hash({version})" if is_master else f"hash({version})"
    only_new = "where is_new" if is_master else ""
    rows = f"""
        from raw.{entity.name}
        where
            {entity.version} between $1 and $2
            and _delivery_id in (select delivery_id from {COMPARED} {only_new})"""
    return f"""
        insert into {VERSIONS}
        with found as (
            select _delivery_id, _row_number, {version} {rows}
            and ({scope}) in (select ({scope}) {rows} group by {scope} having count(*) > 1)
        ),
        placed as (
            select
                found._delivery_id, found._row_number, compared.is_new,
                row_number() over (
                    partition by {version}
                    order by compared.is_new, compared.dt, compared.path, found._row_number
                ) as place,
                row_number() over (
                    partition by {version}, found._delivery_id order by found._row_number
                ) as own_place
            from found
            inner join {COMPARED} as compared on found._delivery_id = compared.delivery_id
        )
        select
            _delivery_id, '{entity.name}', _row_number,
            if(own_place > 1, 'the same file', 'another file'), null
        from placed
        where is_new and {"own_place" if is_master else "place"} > 1"""


def _late_sql(entity: Entity, days: int) -> str:
    """Insert the new rows whose version lies more than some days after the end of dt."""
    return f"""
        insert into {VERSIONS}
        select
            rows._delivery_id, '{entity.name}', rows._row_number, null,
            date_diff('second', compared.ends_at, rows.{entity.version}) / 86400.0
        from raw.{entity.name} as rows
        inner join {COMPARED} as compared
            on rows._delivery_id = compared.delivery_id and compared.is_new
        where rows.{entity.version} > compared.ends_at + interval {days} day"""
