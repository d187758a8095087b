"""Which rows are garbled, repeated or moved, and into which file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from simulator.contract import Entity
from simulator.delivery.faults import (
    HARMLESS,
    REPEATS_OTHER,
    REPEATS_OWN,
    WHOLE_FEEDS,
    Faults,
)
from simulator.delivery.mutations import Mutation
from simulator.delivery.relations import WORDS
from simulator.delivery.windows import FORMATS, draw

WORDS_PER_FILE = 12
"""Rows of a Parquet file that has a text column; few enough not to be judged as a batch."""
_FROM = """
    from delivery.staged_{entity} as rows
    inner join delivery.cells as cells on rows._dt = cells.dt and cells.entity = '{entity}'
    inner join delivery.windows as spans on cells.window_index = spans.window_index
    {joins}
    where cells.allows_rows and {where}"""
_LATER = """
    cross join (select max(window_index) as last_index from delivery.windows) as bounds
    inner join delivery.windows as later on later.window_index = {index}"""
_OUTRUN = """
    inner join (
        select _dt, _row, lead(_dt) over (partition by {key} order by _dt) as outrun_dt
        from delivery.staged_{entity}
        where _dt in (select dt from delivery.windows where is_daily)
    ) as outrun on rows._dt = outrun._dt and rows._row = outrun._row
    inner join delivery.windows as newer on outrun.outrun_dt = newer.dt"""
_NEWEST = """spans.is_daily and not exists (
        from delivery.staged_{entity} as newer
        where ({newer_key}) = ({key}) and newer._dt > rows._dt
    )"""


@dataclass(frozen=True)
class Pick:
    """Rows of one entity for one fault.

    Attributes:
        path: SQL of the file that the extra row stands in, over `cells` and `later`.
        mutation: Number of the mutation, or None for the row as it is.
        joins, where: Further SQL over `rows`, `cells` and `spans`.
        is_moved: Whether the row's own file lacks it.
        per_file: The most rows of a file.
    """

    kind: str
    variant: str
    entity: str
    found_by: str
    path: str = "cells.path"
    column: str | None = None
    mutation: int | None = None
    joins: str = ""
    where: str = "true"
    is_moved: bool = False
    per_file: int | None = None


def plan_rows(
    connection: duckdb.DuckDBPyConnection,
    entities: Sequence[Entity],
    mutations: Sequence[Mutation],
    faults: Faults,
    seed: int,
) -> None:
    """Fill `delivery.extras` and `delivery.removed` with the row faults of all cells."""
    picks = [
        *_garbled(entities, mutations),
        *(pick for entity in entities for pick in _repeated_or_moved(entity)),
    ]
    for kind in dict.fromkeys(pick.kind for pick in picks):
        rate = getattr(faults, kind)
        of_kind = [pick for pick in picks if pick.kind == kind]
        variants = dict.fromkeys(pick.variant for pick in of_kind)
        for variant in variants if rate else ():
            chosen = [pick for pick in of_kind if pick.variant == variant]
            _plant(connection, chosen, rate / len(variants), seed)


def _garbled(entities: Sequence[Entity], mutations: Sequence[Mutation]) -> Iterator[Pick]:
    by_name = {entity.name: entity for entity in entities}
    for mutation in mutations:
        entity = by_name.get(mutation.entity)
        if entity is None or mutation.kind == "corrected":
            continue
        where = [mutation.where]
        if mutation.formats:
            where.append(f"cells.format in {(*mutation.formats, '')}")
        if mutation.kind == "clock_skew":
            where.append(_newest(entity))
        variant, path, per_file = mutation.variant, "cells.path", None
        if mutation.is_text:
            yield _pick(mutation, variant, path, [*where, "cells.format <> 'parquet'"])
            variant, per_file = f"{variant}, its column is text", WORDS_PER_FILE
            path, where = f"replace(cells.path, '.', '{WORDS}.')", ["cells.format = 'parquet'"]
        yield _pick(mutation, variant, path, where, per_file)


def _pick(
    mutation: Mutation, variant: str, path: str, where: list[str], per_file: int | None = None
) -> Pick:
    return Pick(
        mutation.kind,
        variant,
        mutation.entity,
        mutation.found_by,
        path=path,
        column=mutation.column,
        mutation=mutation.number,
        where=" and ".join(where),
        per_file=per_file,
    )


def _newest(entity: Entity) -> str:
    return _NEWEST.format(
        entity=entity.name, key=_key(entity, "rows."), newer_key=_key(entity, "newer.")
    )


def _key(entity: Entity, prefix: str = "") -> str:
    return ", ".join(prefix + name for name in entity.keys)


def _repeated_or_moved(entity: Entity) -> Iterator[Pick]:
    """Yield what repeats or moves rows.

    The first row of a file stays, so that there is one, and in no other file, so that a file of
    repeated rows is never a file once more.
    """
    name = entity.name
    after = _LATER.format(index="least(cells.window_index + 1 + rows._row % 3, bounds.last_index)")
    is_early = "cells.window_index < bounds.last_index"
    yield Pick("duplicate_version", "in the same file", name, REPEATS_OWN)
    yield Pick(
        "duplicate_version",
        "in a later file",
        name,
        HARMLESS if name in WHOLE_FEEDS else REPEATS_OTHER,
        path=_later_path(name, "-repeated"),
        joins=after,
        where=f"{is_early} and rows._row > 1",
    )
    outrun = _OUTRUN.format(entity=name, key=_key(entity))
    yield Pick(
        "out_of_order",
        "after a newer version",
        name,
        HARMLESS,
        path=_later_path(name, "-overtaken"),
        joins=outrun + _LATER.format(index="least(newer.window_index + 1, bounds.last_index)"),
        where="rows._row > 1",
        is_moved=True,
    )
    yield Pick(
        "late",
        "with the files of a later day",
        name,
        HARMLESS,
        path=_later_path(name, "-late"),
        joins=after,
        where=f"{is_early} and rows._row > 1 and (cells.path, rows._dt, rows._row) not in"
        " (select (path, origin_dt, origin_row) from delivery.removed)",
        is_moved=True,
    )


def _later_path(entity: str, tag: str) -> str:
    return (
        f"'native/{entity}/dt=' || later.dt || '/{entity}{tag}.'"
        f" || case when later.is_daily then '{FORMATS[entity]}' else 'parquet' end"
    )


def _plant(
    connection: duckdb.DuckDBPyConnection, picks: Sequence[Pick], rate: float, seed: int
) -> None:
    """Plant a share of the candidates of each pick, and one at least of all together."""
    candidates = [_count(connection, pick) for pick in picks]
    wanted = [
        int(rate * count + draw(seed, pick.kind, pick.variant, pick.entity, pick.mutation))
        for pick, count in zip(picks, candidates, strict=True)
    ]
    if not any(min(pair) for pair in zip(wanted, candidates, strict=True)):
        wanted[candidates.index(max(candidates))] = 1
    for pick, count in zip(picks, wanted, strict=True):
        if count:
            _insert(connection, pick, count, seed)


def _count(connection: duckdb.DuckDBPyConnection, pick: Pick) -> int:
    row = connection.execute(f"select count(*) {_source(pick)}").fetchone()
    return int(row[0]) if row else 0


def _source(pick: Pick) -> str:
    return _FROM.format(entity=pick.entity, joins=pick.joins, where=pick.where)


def _insert(connection: duckdb.DuckDBPyConnection, pick: Pick, count: int, seed: int) -> None:
    salt = f"{seed}, '{pick.kind} {pick.variant} {pick.mutation}'"
    in_file = f"qualify row_number() over (partition by path order by nonce) <= {pick.per_file}"
    connection.execute(
        f"""
        create or replace temp table picked as
        select
            {pick.path} as path, cells.path as own_path, rows._dt as origin_dt,
            rows._row as origin_row, cells.row_count, spans.ends_at,
            (hash({salt}, rows._dt, rows._row) % 4611686018427387904)::bigint as nonce,
        {_source(pick)}
        {in_file if pick.per_file else ""}
        order by nonce, origin_dt, origin_row
        limit {count}"""
    )
    connection.execute(
        f"""
        insert into delivery.extras
        select
            $1, 'landing', path, '{pick.entity}', origin_dt, origin_row, $2,
            nonce % (row_count + 1) + 0.5, nonce, ends_at, $3, $4, $5
        from picked""",
        [pick.kind, pick.mutation, pick.column, pick.found_by, pick.variant],
    )
    if pick.is_moved:
        connection.execute(
            "insert into delivery.removed select 'landing', own_path, origin_dt, origin_row"
            " from picked"
        )
