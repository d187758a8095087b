"""Tables of the schema `raw`, made and extended as the contract asks for."""

from __future__ import annotations

import duckdb

from orchestration.home import AnxinError
from orchestration.ingestion import sql
from orchestration.ingestion.contract import Entity
from orchestration.ingestion.sources import Source

TAIL = (("source", "varchar"), ("_delivery_id", "bigint"), ("_row_number", "bigint"))
ERASED = ("_erased_seq", "bigint")
"""In entities that name people: the erasure, on the clock of change, that emptied the row."""

BOOKS = """
create schema if not exists raw;
create table if not exists raw.warehouse (warehouse_id varchar);
insert into raw.warehouse select uuid()::varchar where not exists (from raw.warehouse);
create table if not exists raw.sources (
    source varchar, time_zone varchar, currency_code varchar
);
create table if not exists raw.change_events (
    change_seq bigint, delivery_id bigint, event varchar, reason varchar, happened_at timestamp
);
create table if not exists raw.deliveries (
    delivery_id bigint, source varchar, feed varchar, dt date, path varchar, sha256 varchar,
    size_bytes bigint, file_stamp varchar, rows_read bigint, rows_accepted bigint,
    rows_quarantined bigint, status varchar, status_reason varchar, notes varchar,
    change_seq bigint, loaded_at timestamp, status_at timestamp, sidecar_sha256 varchar,
    mapping_sha256 varchar
);
create table if not exists raw.control_totals (
    delivery_id bigint, entity varchar, total_name varchar, total_value decimal(38, 6)
);
create table if not exists raw.delivery_entities (
    delivery_id bigint, entity varchar, row_count bigint
);
create table if not exists raw.quarantine (
    delivery_id bigint, source varchar, feed varchar, dt date, path varchar, row_number bigint,
    entity varchar, column_name varchar, reason varchar, row_text varchar
);
create table if not exists raw.customer_pseudonyms (
    customer_id varchar, customer_key varchar, key_id varchar
);
create table if not exists raw.recompute_requests (
    change_seq bigint, from_date date, to_date date, selection varchar, requested_at timestamp
);
create table if not exists raw.erasures (
    change_seq bigint, customer_key varchar, key_id varchar, who varchar, erased_at timestamp
);
create table if not exists raw.period_closes (
    period varchar not null, event varchar not null, change_seq bigint not null,
    closed_by varchar not null, reason varchar, is_forced boolean not null, posting_count bigint,
    posting_sha256 varchar, recorded_at timestamp not null
);
create table if not exists raw.overridden_objections (
    change_seq bigint not null, objection varchar not null
);
create table if not exists raw.frozen_postings (
    change_seq bigint not null, posting_id varchar, entry_id varchar, corrects_posting_id varchar,
    reconciliation_key varchar, chain_id varchar, claim_id varchar, refund_order_id varchar,
    source varchar, currency_code varchar, event_type varchar, account varchar, payer varchar,
    pay_channel varchar, break_class varchar, period varchar, amount decimal(18, 2),
    event_date date, posted_date date
);
create table if not exists raw.frozen_report_rows (
    change_seq bigint not null, sheet varchar not null, row_number bigint not null,
    row_values varchar[] not null
);
"""


def ensure(
    connection: duckdb.DuckDBPyConnection,
    contract: dict[str, Entity],
    sources: dict[str, Source],
) -> None:
    """Bring the schema `raw` to what contract and sources say; what fits stays untouched.

    Raises:
        AnxinError: A table differs from the contract by more than new nullable columns.
    """
    connection.execute("begin")
    try:
        connection.execute(BOOKS)
        for entity in contract.values():
            _ensure_entity(connection, entity)
        _ensure_sources(connection, sources)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def columns_of(entity: Entity) -> tuple[tuple[str, str], ...]:
    """Return name and type of every column of an entity's raw table."""
    erased = (ERASED,) if entity.people else ()
    return (*((column.name, column.type) for column in entity.columns), *TAIL, *erased)


def _ensure_entity(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    table = f"raw.{sql.name(entity.name)}"
    wanted = columns_of(entity)
    listed = ", ".join(f"{sql.name(column)} {kind}" for column, kind in wanted)
    connection.execute(f"create table if not exists {table} ({listed})")
    described = connection.execute(f"describe {table}").fetchall()
    found = {str(row[0]): str(row[1]).lower() for row in described}
    for column, kind in wanted:
        if column in found and found[column] != kind:
            raise AnxinError(
                f"raw.{entity.name}.{column} is a {found[column]}, but the contract says {kind};"
                " move the table aside or give the column a new name"
            )
    if gone := sorted(set(found) - dict(wanted).keys()):
        raise AnxinError(
            f"raw.{entity.name} has the column {', '.join(gone)}, which the contract lacks;"
            " keep it in the contract as a nullable column"
        )
    _add_columns(connection, entity, table, set(found))
    if entity.people and ERASED[0] not in found:
        connection.execute(f"alter table {table} add column {' '.join(ERASED)}")


def _add_columns(
    connection: duckdb.DuckDBPyConnection, entity: Entity, table: str, found: set[str]
) -> None:
    for column in entity.columns:
        if column.name in found:
            continue
        if column.required and sql.scalar(connection, f"select count(*) from {table}"):
            raise AnxinError(
                f"the contract requires {entity.name}.{column.name}, which the rows of"
                f" raw.{entity.name} lack; declare the new column as nullable"
            )
        connection.execute(f"alter table {table} add column {sql.name(column.name)} {column.type}")


def _ensure_sources(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source]) -> None:
    wanted = sorted(
        (source.name, source.time_zone, source.currency_code) for source in sources.values()
    )
    found = connection.execute(
        "select source, time_zone, currency_code from raw.sources order by all"
    ).fetchall()
    if found == wanted:
        return
    connection.execute("delete from raw.sources")
    for row in wanted:
        connection.execute("insert into raw.sources values (?, ?, ?)", row)
