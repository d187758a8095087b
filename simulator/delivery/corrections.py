"""What stood at a path before it was corrected: wrong amounts, phantoms, rows missing."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from simulator.contract import entities
from simulator.delivery.mutations import Mutation
from simulator.delivery.windows import Cell

SHARE = 50
"""One in so many rows of a corrected file was wrong, one missing, and one too many."""

_CHOSEN = """
create or replace temp table chosen as
select *, row_number() over (order by nonce, _row) as position
from (
    select
        _dt, _row, concat_ws('|', {key}) as key,
        (hash({seed}, 'corrected', _dt, _row) % 4611686018427387904)::bigint as nonce
    from delivery.staged_{entity}
    where _dt = date '{dt}'
)
qualify position <= 2 * {count}
order by position
"""
"""
The first half of the chosen rows was wrong, the second half missing.
"""


def plan_correction(
    connection: duckdb.DuckDBPyConnection, cell: Cell, mutations: Sequence[Mutation], seed: int
) -> None:
    """Plan the rows of a cell's file as it stood in the stage `earlier`."""
    path, count = cell.path(), max(1, cell.rows // SHARE)
    key = ", ".join(entities()[cell.entity].keys)
    connection.execute(
        _CHOSEN.format(key=key, seed=seed, entity=cell.entity, dt=cell.window.dt, count=count)
    )
    connection.execute(
        "insert into delivery.removed select 'earlier', $1, _dt, _row from chosen", [path]
    )
    for mutation in mutations:
        if (mutation.entity, mutation.kind) == (cell.entity, "corrected"):
            connection.execute(
                "insert into delivery.extras select 'corrected', 'earlier', $1, $2, _dt, _row, $3,"
                " _row + $4, nonce, null, $5, $6, $7 from chosen where position <= $8",
                [
                    path,
                    cell.entity,
                    mutation.number,
                    0.5 if mutation.column is None else 0.0,
                    mutation.column,
                    mutation.found_by,
                    mutation.variant,
                    count,
                ],
            )
    connection.execute(
        "insert into delivery.planted select 'corrected', 'earlier', $1, null, $2, key, null,"
        " 'superseded', 'a row that is missing' from chosen where position > $3",
        [path, cell.entity, count],
    )
