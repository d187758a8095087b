"""The row contract as SQL: how a delivered value becomes a typed one, and when it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.ingestion import sql
from orchestration.ingestion.contract import Column, Entity

CURRENCY = "currency_code"
INTEGERS = frozenset(
    sign + size
    for sign in ("", "U")
    for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)
EARLIEST, LATEST = "2000-01-01", "2100-01-01"
_INTEGER_TEXT = "'[+-]?[0-9]+'"
_DATE_TEXT = "'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
_TIMESTAMP_TEXT = (
    "'[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
    "(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?'"
)
_EXACT = {"DOUBLE": 2**53, "FLOAT": 2**24}
"""Below these, every whole number has a binary fraction of its own."""
_ID_TYPES = (*INTEGERS, "VARCHAR", "UUID")
_SHOWN_LENGTH = 40
"""Characters of a value that a sentence about it shows."""
UNPRINTABLE = "a value out of range"
_WANTED = {
    "varchar": "text",
    "bigint": "a whole number of 64 bits",
    "boolean": "true, false, 1 or 0",
    "date": "a date of the form YYYY-MM-DD",
    "timestamp": "a timestamp of the form YYYY-MM-DD HH:MM:SS, with an offset where it is not UTC",
}


@dataclass(frozen=True)
class Rule:
    """A condition under which a row is refused, the column to name, and the sentence for it.

    Attributes:
        refuses: SQL; the row is refused where it is true.
        reason: SQL that yields the sentence.
    """

    column: str
    refuses: str
    reason: str


def delivered_name(column: str) -> str:
    """Name of the value as it was delivered, beside the typed one."""
    return sql.name(f"delivered {column}")


def typed(column: Column, kind: str) -> str:
    """SQL that turns the delivered value of a column into its contract type, or into null.

    Args:
        column: The contract's column.
        kind: DuckDB's name of the delivered type.
    """
    value = delivered_name(column.name)
    if kind == "JSON" and not column.id:
        kind = "VARCHAR"
    if kind == column.type.upper():
        return value
    family = "LIST" if kind.endswith("]") else kind.partition("(")[0]
    return _CASTS[column.type](value, family, column)


def _to_text(value: str, family: str, column: Column) -> str:
    if family == "BLOB" or (column.id and family not in _ID_TYPES):
        return "null::varchar"
    if family in ("LIST", "STRUCT", "MAP"):
        return f"to_json({value})::varchar"
    return f"{value}::varchar"


def _to_integer(value: str, family: str, column: Column) -> str:
    if family == "VARCHAR":
        digits = f"regexp_full_match({value}, {_INTEGER_TEXT})"
        return f"case when {digits} then try_cast({value} as bigint) end"
    if family in INTEGERS:
        return f"try_cast({value} as bigint)"
    if family in ("DOUBLE", "FLOAT", "DECIMAL"):
        exact = f"{value} = trunc({value})"
        if family in _EXACT:
            exact += f" and abs({value}) < {_EXACT[family]}"
        return f"case when {exact} then try_cast({value} as bigint) end"
    return "null::bigint"


def _to_boolean(value: str, family: str, column: Column) -> str:
    if family == "VARCHAR":
        return (
            f"case lower({value}) when 'true' then true when '1' then true"
            " when 'false' then false when '0' then false end"
        )
    if family in INTEGERS:
        return f"case {value} when 1 then true when 0 then false end"
    return "null::boolean"


def _to_date(value: str, family: str, column: Column) -> str:
    if family == "VARCHAR":
        return (
            f"case when regexp_full_match({value}, {_DATE_TEXT}) then try_cast({value} as date) end"
        )
    if family.startswith("TIMESTAMP") and "ZONE" not in family:
        return f"case when {value} = date_trunc('day', {value}) then {value}::date end"
    return "null::date"


def _to_timestamp(value: str, family: str, column: Column) -> str:
    if family == "VARCHAR":
        instant = f"try_cast({value} as timestamptz) at time zone 'UTC'"
        return f"case when regexp_full_match({value}, {_TIMESTAMP_TEXT}) then {instant} end"
    if family == "TIMESTAMP WITH TIME ZONE":
        return f"try({value} at time zone 'UTC')"
    if family == "DATE" or family.startswith("TIMESTAMP"):
        return f"try_cast({value} as timestamp)"
    return "null::timestamp"


_CASTS = {
    "varchar": _to_text,
    "bigint": _to_integer,
    "boolean": _to_boolean,
    "date": _to_date,
    "timestamp": _to_timestamp,
}


def rules_of(entity: Entity, kinds: dict[str, str]) -> list[Rule]:
    """Return every rule that can refuse a row of the entity.

    Args:
        entity: The entity.
        kinds: The delivered type by column name; columns that are not delivered are missing.
    """
    rules: list[Rule] = []
    for column in entity.columns:
        if column.name in kinds:
            rules += _column_rules(column, kinds[column.name])
    for check in entity.checks:
        rules.append(
            Rule(check.column, f"not ({check.sql})", sql.text(f"{check.column} {check.message}"))
        )
    return rules


def nul_rule(column: str) -> Rule:
    """Refuse text that holds a NUL character, which cuts a value off in other tools."""
    return Rule(
        column,
        f"contains({delivered_name(column)}, chr(0))",
        sql.text(f"{column} holds a NUL character"),
    )


def _column_rules(column: Column, kind: str) -> list[Rule]:
    value, given = sql.name(column.name), delivered_name(column.name)
    rules = []
    if typed(column, kind) != given:
        wanted = f" is not {'text or a whole number' if column.id else _WANTED[column.type]}"
        rules.append(_rule(column, f"{given} is not null and {value} is null", wanted))
    if column.required:
        missing = sql.text(f"{column.name} is missing")
        rules.append(Rule(column.name, f"{given} is null", missing))
    if column.id:
        rules.append(_id_rule(column, value))
    if column.name == CURRENCY:
        odd = f"not regexp_full_match({value}, '[A-Z]{{3}}')"
        rules.append(_rule(column, odd, " is no currency code of three capital letters"))
    if column.enum:
        allowed = ", ".join(
            sql.text(item) if isinstance(item, str) else str(item) for item in column.enum
        )
        rules.append(
            _rule(
                column, f"{value} not in ({allowed})", f" is not one of {allowed}".replace("'", "")
            )
        )
    if column.min is not None and column.max is not None:
        outside = f"{value} not between {column.min} and {column.max}"
        rules.append(_rule(column, outside, f" lies outside {column.min} to {column.max}"))
    elif column.min is not None:
        rules.append(_rule(column, f"{value} < {column.min}", f" is less than {column.min}"))
    elif column.max is not None:
        rules.append(_rule(column, f"{value} > {column.max}", f" is greater than {column.max}"))
    if column.type in ("timestamp", "date"):
        outside = f"({value} < {column.type} '{EARLIEST}' or {value} >= {column.type} '{LATEST}')"
        rules.append(_rule(column, outside, f" lies outside {EARLIEST} to {LATEST}"))
    return rules


def _id_rule(column: Column, value: str) -> Rule:
    """An id stands in `<source>:<id>`, in URLs and in reports, so it has to be plain."""
    empty = sql.text(f"{column.name} is empty")
    odd = sql.text(
        " holds a colon or a control character, or begins or ends with a space, which no id may"
    )
    return Rule(
        column.name,
        rf"regexp_matches({value}, '^$|^[\s\p{{Z}}]|[\s\p{{Z}}]$|[:\p{{Cc}}]')",
        f"case when trim({value}) = '' then {empty} else {_shown(column)} || {odd} end",
    )


def _rule(column: Column, refuses: str, complaint: str) -> Rule:
    return Rule(column.name, refuses, f"{_shown(column)} || {sql.text(complaint)}")


def _shown(column: Column) -> str:
    """SQL that names a column and, unless it is about a person, the start of its value."""
    if column.is_private:
        return sql.text(f"{column.name} (value not shown)")
    value = f"coalesce(try({delivered_name(column.name)}::varchar), '{UNPRINTABLE}')"
    shortened = (
        f"left({value}, {_SHOWN_LENGTH}) || if(length({value}) > {_SHOWN_LENGTH}, '...', '')"
    )
    return f"{sql.text(column.name + ' ')} || '''' || {shortened} || ''''"


def shown(value: str) -> str:
    """A delivered value as a sentence about it quotes it."""
    return f"'{value}'" if len(value) <= _SHOWN_LENGTH else f"'{value[:_SHOWN_LENGTH]}...'"
