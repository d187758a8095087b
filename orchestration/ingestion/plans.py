"""The SQL that judges and loads a file of a given feed and shape."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from orchestration.ingestion import sql
from orchestration.ingestion.contract import Entity
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.readers import first_line
from orchestration.ingestion.rules import (
    CURRENCY,
    Rule,
    delivered_name,
    nul_rule,
    rules_of,
    typed,
)
from orchestration.ingestion.sources import Feed, Source
from orchestration.ingestion.staging import Delivered

_MISSING = re.compile(r'[Cc]olumn (?:named )?"([^"]+)"(?: not found| referenced that exists|\n|$)')
_TEXTS = ("VARCHAR", "JSON")


@dataclass(frozen=True)
class Plan:
    """Statements over one entity of a feed, or over the file itself.

    Each is to be preceded by `with delivered as (<relation>), `.

    Attributes:
        entity: Name of the entity; None for the rules on the file as such.
        counts: Yields the number of rows, that of refused rows, and each control total.
        totals: Names of the control totals.
        reasons: Yields a line for the table of refused rows for each refused row.
        columns: The columns of the raw table that `rows` yields, quoted.
        rows: Yields the rows to load; takes the delivery id as a parameter.
        clean_rows: The same without the rows that are refused.
        people: Columns that identify a natural person.
    """

    entity: str | None
    counts: str
    totals: tuple[str, ...]
    reasons: str
    columns: str = ""
    rows: str = ""
    clean_rows: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeedPlan:
    """All statements for the files of one feed that have the same columns.

    Attributes:
        prelude: CTEs that stand after `delivered`; empty or ending in a comma.
        file: The rules on the file as such; None when the entity's plan holds them.
        entities: One plan for each entity of the feed.
        extra: Columns of the file that a one-to-one feed doesn't use.
    """

    feed: Feed
    prelude: str
    file: Plan | None
    entities: tuple[Plan, ...]
    extra: tuple[str, ...] = ()


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    feed: Feed,
    contract: dict[str, Entity],
    delivered: Delivered,
) -> FeedPlan:
    """Generate the statements for a feed and the columns of a delivered file.

    Raises:
        FileRejectedError: The file lacks a column; the message names it.
    """
    prelude = f"prepared as (\n{feed.prepared}\n), " if feed.prepared else ""
    texts = [column for column, kind in delivered.columns if kind in _TEXTS]
    plans, extra = [], []
    for name, mapping in feed.mappings:
        entity = contract[name]
        if feed.is_identity:
            kinds = {column.lower(): kind for column, kind in delivered.columns}
            extra = sorted(kinds.keys() - {column.name for column in entity.columns})
        else:
            kinds = _mapped_kinds(connection, feed, name, mapping, prelude, delivered)
            _check_mapped(feed, entity, kinds)
        _check_required(entity, kinds)
        own = _free_texts(entity, texts) if feed.is_identity else []
        plans.append(_entity_plan(source, entity, mapping, kinds, own))
    file = None if feed.is_identity else _file_plan(texts)
    return FeedPlan(feed, prelude, file, tuple(plans), tuple(extra))


def _free_texts(entity: Entity, texts: list[str]) -> list[str]:
    """Return the text columns of a file in which no other rule finds a NUL character."""
    ruled = {
        column.name
        for column in entity.columns
        if column.id or column.enum or column.type != "varchar"
    }
    return [column for column in texts if column.lower() not in ruled]


def _mapped_kinds(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    entity: str,
    mapping: str,
    prelude: str,
    delivered: Delivered,
) -> dict[str, str]:
    where = f"{feed.source}/{feed.name}/{entity}.sql"
    query = f"with delivered as ({delivered.relation}), {prelude}mapped as (\n{mapping}\n)"
    try:
        rows = connection.execute(f"describe {query} select * from mapped").fetchall()
    except (duckdb.ProgrammingError, duckdb.NotSupportedError) as error:
        missing = _MISSING.search(str(error))
        if missing:
            raise FileRejectedError(
                f"the file lacks the column {missing[1]}, which {where} reads"
            ) from None
        raise FileRejectedError(f"{where} does not fit the file: {first_line(error)}") from None
    return {str(row[0]).lower(): str(row[1]) for row in rows}


def _check_mapped(feed: Feed, entity: Entity, kinds: dict[str, str]) -> None:
    where = f"{feed.source}/{feed.name}/{entity.name}.sql"
    if "_row_number" not in kinds:
        raise FileRejectedError(f"{where} does not yield _row_number")
    known = {column.name for column in entity.columns} | {"_row_number"}
    if unknown := sorted(kinds.keys() - known):
        raise FileRejectedError(f"{where} yields {unknown[0]}, which the contract lacks")


def _check_required(entity: Entity, kinds: dict[str, str]) -> None:
    missing = [
        column.name
        for column in entity.columns
        if column.required and column.name not in kinds and column.name != CURRENCY
    ]
    if missing:
        raise FileRejectedError(f"the file lacks the required column {', '.join(missing)}")


def _entity_plan(
    source: Source, entity: Entity, mapping: str, kinds: dict[str, str], texts: list[str]
) -> Plan:
    named, values = [], []
    for column in entity.columns:
        if column.name in kinds:
            named.append(f"{sql.name(column.name)} as {delivered_name(column.name)}")
            value = typed(column, kinds[column.name])
        elif column.name == CURRENCY:
            value = sql.text(source.currency_code)
        else:
            value = f"null::{column.type}"
        values.append(f"{value} as {sql.name(column.name)}")
    known = {column.name for column in entity.columns}
    extras = [column for column in texts if column.lower() not in known]
    named += [f"{sql.name(column)} as {delivered_name(column)}" for column in extras]
    rules = [*rules_of(entity, kinds), *map(nul_rule, texts)]
    body = (
        f"mapped as not materialized (\n{mapping}\n),"
        f" named as not materialized (select _row_number, {', '.join(named)} from mapped),"
        f" typed as not materialized (select *, {', '.join(values)} from named)"
    )
    return Plan(
        entity=entity.name,
        counts=_counts(body, rules, entity.totals),
        totals=entity.totals,
        reasons=_reasons(body, rules, entity.name),
        columns=", ".join([*(sql.name(column.name) for column in entity.columns), *_TAIL]),
        rows=_rows(body, source, entity),
        clean_rows=_rows(_judged(body, rules), source, entity, "judged where refused is not true"),
        people=entity.people,
    )


_TAIL = ("source", "_delivery_id", "_row_number")


def _file_plan(texts: list[str]) -> Plan | None:
    if not texts:
        return None
    rules = list(map(nul_rule, texts))
    named = "".join(f", {sql.name(column)} as {delivered_name(column)}" for column in texts)
    body = f"typed as not materialized (select _row_number{named} from delivered)"
    return Plan(None, _counts(body, rules, ()), (), _reasons(body, rules, None))


def _judged(body: str, rules: list[Rule]) -> str:
    refused = " or ".join(f"({rule.refuses})" for rule in rules)
    return f"{body}, judged as not materialized (select *, {refused} as refused from typed)"


def _counts(body: str, rules: list[Rule], totals: tuple[str, ...]) -> str:
    sums = "".join(
        f", coalesce(sum({sql.name(total)}) filter (where refused is not true), 0)"
        for total in totals
    )
    return (
        f"{_judged(body, rules)} select count(*), count(*) filter (where refused){sums} from judged"
    )


def _reasons(body: str, rules: list[Rule], entity: str | None) -> str:
    refused = " or ".join(f"({rule.refuses})" for rule in rules)
    first = " ".join(f"when {rule.refuses} then {sql.text(rule.column)}" for rule in rules)
    every = ", ".join(f"case when {rule.refuses} then {rule.reason} end" for rule in rules)
    label = "null" if entity is None else sql.text(entity)
    return (
        f"{body} select _row_number, {label}, case {first} end, concat_ws('; ', {every}), null"
        f" from typed where {refused} order by _row_number"
    )


def _rows(body: str, source: Source, entity: Entity, origin: str = "typed") -> str:
    prefix = f"{sql.text(source.id_prefix)} || " if source.id_prefix else ""
    values = [(prefix if column.id else "") + sql.name(column.name) for column in entity.columns]
    return (
        f"{body} select {', '.join(values)}, {sql.text(source.name)}, ?::bigint, _row_number"
        f" from {origin}"
    )
