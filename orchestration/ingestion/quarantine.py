"""The quarantine: file rows that broke a rule, whole and with every reason."""

from __future__ import annotations

from orchestration.ingestion import sql
from orchestration.ingestion.books import Entry
from orchestration.ingestion.report import Problem
from orchestration.ingestion.rules import UNPRINTABLE
from orchestration.ingestion.staging import REFUSED, Delivered, Staging
from orchestration.log import masked

PROBLEMS_PER_FILE = 20


def quarantine(staging: Staging, entry: Entry, delivery_id: int, delivered: Delivered) -> int:
    """Enter each refused row of a file once, in the current transaction.

    Returns:
        How many rows the quarantine now holds of this delivery.
    """
    if staging.refused_is_empty:
        return 0
    pairs = ", ".join(f"{sql.text(column[0])}, {_printed(*column)}" for column in delivered.columns)
    staging.connection.execute(
        "insert into raw.quarantine"
        " with gathered as ("
        "     select _row_number, arg_min(entity, position) as entity,"
        "         arg_min(column_name, position) as column_name,"
        "         string_agg(reason, '; ' order by position) as reason, max(row_text) as row_text"
        f"     from (select _row_number, reason, row_text, min(position) as position,"
        "         arg_min(entity, position) as entity,"
        "         arg_min(column_name, position) as column_name"
        f"         from {REFUSED} group by all)"
        "     group by _row_number"
        " ), texts as ("
        f"     select _row_number, json_object({pairs})::varchar as row_text"
        f"     from ({delivered.relation}) semi join {REFUSED} using (_row_number)"
        " )"
        " select ?, ?, ?, ?, ?, _row_number, entity, column_name, reason,"
        "     coalesce(gathered.row_text, texts.row_text)"
        " from gathered left join texts using (_row_number) order by _row_number",
        [delivery_id, *entry.place, entry.path],
    )
    return sql.scalar(
        staging.connection,
        "select count(*) from raw.quarantine where delivery_id = ?",
        delivery_id,
    )


def _printed(name: str, kind: str) -> str:
    """SQL for a value in the text of a row; some times have none, for they are beyond all dates."""
    value = sql.name(name)
    if not kind.startswith("TIMESTAMP"):
        return value
    return (
        f"case when {value} is not null then coalesce(try({value}::varchar), '{UNPRINTABLE}') end"
    )


def shown_problems(staging: Staging, path: str) -> list[Problem]:
    """Return the first refused rows of a file, for the report.

    Reports are kept where no erasure would find a value again; `raw.quarantine` has the values.
    """
    rows = staging.connection.execute(
        "select _row_number, column_name, reason"
        f" from {REFUSED} order by _row_number, position limit {PROBLEMS_PER_FILE}"
    ).fetchall()
    return [Problem(path, row, column, masked(reason)) for row, column, reason in rows]
