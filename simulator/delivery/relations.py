"""The rows of one file as SQL: a cell's own rows and what is planted among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.contract import Entity
from simulator.delivery.mutations import Mutation
from simulator.delivery.windows import Cell


@dataclass(frozen=True)
class FileRows:
    """Which rows a file is to have.

    Attributes:
        stage, path: Its name in `delivery.extras` and `delivery.removed`.
        format: How it is written.
        cell: Whose rows are the file's own; None for a file of extras only.
        part: SQL over the cell's rows: those that belong to the file.
    """

    stage: str
    path: str
    format: str
    entity: Entity
    cell: Cell | None = None
    part: str = "true"


def rows_sql(file: FileRows, mutations: Sequence[Mutation]) -> str:
    """Return a select with `_place`, `_kind`, ..., `_note` and the columns of the file.

    A jsonl file has the one column `line`. The result is not ordered; `_place` and `_tie` are
    the order.
    """
    garbled = [m for m in mutations if m.entity == file.entity.name]
    selects = [_extras(file, garbled)]
    if file.cell:
        selects.insert(0, _own(file, file.cell))
    return "\nunion all\n".join(selects)


def columns_of(file: FileRows) -> str:
    """Return the columns that `rows_sql` yields for the file itself."""
    return "line" if file.format.startswith("jsonl") else ", ".join(file.entity.types)


def _own(file: FileRows, cell: Cell) -> str:
    return f"""
        select
            rows._row::double as _place, 0::bigint as _tie, null::varchar as _kind,
            null::varchar as _key, null::varchar as _column, null::varchar as _found_by,
            null::varchar as _note,
            {_good(file)}
        from delivery.staged_{cell.entity} as rows
        where rows._dt = date '{cell.window.dt}' and {file.part}
            and rows._row not in (
                select origin_row from delivery.removed
                where stage = '{file.stage}' and path = '{file.path}'
                    and origin_dt = date '{cell.window.dt}'
            )"""


def _good(file: FileRows) -> str:
    if file.format.startswith("jsonl"):
        return f"{_json(file.entity)} as line"
    if file.format.startswith("csv"):
        return ", ".join(f"rows.{name}::varchar as {name}" for name in file.entity.types)
    return ", ".join(f"rows.{name}" for name in file.entity.types)


def _json(entity: Entity) -> str:
    pairs = ", ".join(f"{name} := rows.{name}" for name in entity.types)
    return f"to_json(struct_pack({pairs}))::varchar"


def _extras(file: FileRows, garbled: list[Mutation]) -> str:
    key = ", ".join(f"{_garbled(name, garbled, 'varchar')}" for name in file.entity.keys)
    return f"""
        select
            extras.place as _place, extras.nonce as _tie, extras.kind as _kind,
            concat_ws('|', {key}) as _key, extras.column_name as _column,
            extras.found_by as _found_by, extras.note as _note,
            {_bad(file, garbled)}
        from delivery.extras as extras
        inner join delivery.staged_{file.entity.name} as rows
            on extras.origin_dt = rows._dt and extras.origin_row = rows._row
        where extras.stage = '{file.stage}' and extras.path = '{file.path}'"""


def _bad(file: FileRows, garbled: list[Mutation]) -> str:
    if file.format.startswith("jsonl"):
        patches = " ".join(
            f"when {m.number} then json_object({_pairs(m)})" for m in garbled if m.sets
        )
        return (
            f"case when extras.mutation is null then {_json(file.entity)} else json_merge_patch("
            f"{_json(file.entity)}, case extras.mutation {patches} end)::varchar end as line"
        )
    return ", ".join(
        f"{_garbled(name, garbled, kind)} as {name}" for name, kind in _kinds(file, garbled)
    )


def _kinds(file: FileRows, garbled: list[Mutation]) -> list[tuple[str, str]]:
    """Return name and type of the columns; where there are words one is text."""
    if file.format.startswith("csv"):
        return [(name, "varchar") for name in file.entity.types]
    words = {m.column for m in garbled if m.is_text} if file.cell is None else set()
    has_words = file.path.split("/")[-1].startswith(f"{file.entity.name}{WORDS}.")
    return [
        (name, "varchar" if has_words and name in words else kind)
        for name, kind in file.entity.types.items()
    ]


WORDS = "-text"
"""Tag of a Parquet file in which a column is text."""


def _pairs(mutation: Mutation) -> str:
    return ", ".join(f"'{column}', {value}" for column, value in mutation.sets.items())


def _garbled(column: str, garbled: list[Mutation], kind: str) -> str:
    """Return the value of a column as the row's mutation leaves it."""
    fits = [m for m in garbled if column in m.sets and (not m.is_text or kind == "varchar")]
    if not fits:
        return f"rows.{column}::{kind}"
    cases = " ".join(f"when {m.number} then ({m.sets[column]})::{kind}" for m in fits)
    return f"case extras.mutation {cases} else rows.{column}::{kind} end"
