"""Two warehouses compared: columns by name, type and place, then row for row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

SHOWN_KEYS = 20
"""Differing rows that are listed per model."""

_SIDES = ("live", "rebuilt")


@dataclass(frozen=True)
class ModelDifference:
    """What a refreshed model and its rebuild don't share.

    Attributes:
        model: Name of the dbt model or seed; of a table that none has, its schema and name.
        columns: How the columns differ, or whose table it is not; rows are then not compared.
        live_rows: Rows of the live relation.
        rebuilt_rows: Rows of the rebuilt one.
        only_live: Rows that only the live relation has, counted with duplicates.
        only_rebuilt: Rows that only the rebuilt one has.
        examples: Some differing rows: `in` which of the two, the key, and what differs if in both.
    """

    model: str
    columns: list[str] = field(default_factory=list)
    live_rows: int = 0
    rebuilt_rows: int = 0
    only_live: int = 0
    only_rebuilt: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Relation:
    """What dbt has built: a model or seed, where it stands, and the columns that tell its rows."""

    name: str
    database: str
    schema: str
    alias: str
    key: tuple[str, ...]
    is_view: bool

    def on(self, side: str) -> Table:
        """Name database, schema and table on one side."""
        return f"{side}_{self.database}", self.schema, self.alias


Table = tuple[str, str, str]
Columns = dict[str, str]
"""Type by name, in order."""


def compare(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation]
) -> tuple[int, list[ModelDifference]]:
    """Return how many live rows were compared, and what differs; views hold no rows of their own.

    Args:
        connection: `live_<database>` and `rebuilt_<database>` of all relations are attached.
        relations: All that models and seeds have built.
    """
    columns = _columns(connection)
    rows, differences = 0, list(_nobodys(columns, relations))
    for relation in relations:
        if relation.is_view:
            continue
        count, difference = _difference(connection, relation, columns)
        rows += count
        if difference:
            differences.append(difference)
    return rows, differences


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[Table, Columns]:
    """Read the columns of every table that is attached."""
    found: dict[Table, Columns] = {}
    rows = connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type"
        " from duckdb_columns() where not internal order by column_index"
    )
    for *table, name, data_type in rows.fetchall():
        found.setdefault((table[0], table[1], table[2]), {})[name] = data_type
    return found


def _nobodys(columns: Iterable[Table], relations: Sequence[Relation]) -> Iterator[ModelDifference]:
    """Yield what stands in the schemas of the models though no node has it."""
    known = {relation.on("live") for relation in relations}
    schemas = {table[:2] for table in known}
    for table in sorted(columns):
        if table[:2] in schemas and table not in known:
            yield ModelDifference(".".join(table[1:]), ["no model or seed makes this table"])


def _difference(
    connection: duckdb.DuckDBPyConnection, relation: Relation, columns: dict[Table, Columns]
) -> tuple[int, ModelDifference | None]:
    """Compare columns, then count and hash of all rows; look closer only where these differ."""
    tables = [relation.on(side) for side in _SIDES]
    differing = list(_differing_columns(*(columns.get(table, {}) for table in tables)))
    if differing:
        here, there = (_count(connection, _quoted(*t)) if t in columns else 0 for t in tables)
        return here, ModelDifference(relation.name, differing, here, there)
    live, rebuilt = (_quoted(*table) for table in tables)
    names = list(columns[tables[0]])
    digest = _digest(connection, live, names)
    if digest == _digest(connection, rebuilt, names):
        return int(digest[0]), None
    only_live, only_rebuilt = (
        f"(from {this} except all from {other})"
        for this, other in ((live, rebuilt), (rebuilt, live))
    )
    difference = ModelDifference(
        model=relation.name,
        live_rows=_count(connection, live),
        rebuilt_rows=_count(connection, rebuilt),
        only_live=_count(connection, only_live),
        only_rebuilt=_count(connection, only_rebuilt),
        examples=_examples(connection, relation.key, names, only_live, only_rebuilt),
    )
    return difference.live_rows, difference


def _differing_columns(live: Columns, rebuilt: Columns) -> Iterator[str]:
    """Say where columns differ: by name and type, or only in their order."""
    if not live or not rebuilt:
        yield f"the {'rebuilt' if live else 'live'} table is missing"
    elif live != rebuilt:
        for name in {**live, **rebuilt}:
            here, there = live.get(name, "missing"), rebuilt.get(name, "missing")
            if here != there:
                yield f"{name} {here} / rebuilt {there}"
    elif list(live) != list(rebuilt):
        moved = [pair for pair in zip(live, rebuilt, strict=True) if pair[0] != pair[1]]
        here, there = (", ".join(names) for names in zip(*moved, strict=True))
        yield f"order {here} / rebuilt {there}"


def _digest(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]
) -> tuple[Any, ...]:
    """Return the row count and hashes that no order of rows changes."""
    row = f"hash({_list(names)})"
    query = f"select count(*), sum({row}), bit_xor({row}) from {table}"
    return connection.execute(query).fetchall()[0]


def _count(connection: duckdb.DuckDBPyConnection, select: str) -> int:
    return int(connection.execute(f"select count(*) from {select}").fetchall()[0][0])


def _examples(
    connection: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    names: Sequence[str],
    only_live: str,
    only_rebuilt: str,
) -> list[dict[str, Any]]:
    """List some differing rows by their key; where both sides have it, what differs.

    Rows of one side that share a key are told apart by their place among these.
    """
    key = key or names
    others = [name for name in names if name not in key]
    live, rebuilt = ({name: f"{side}.c{n}" for n, name in enumerate(names)} for side in _SIDES)
    listed = ", ".join(f"{_quoted(name)} as c{n}" for n, name in enumerate(names))
    place = f"row_number() over (partition by {_list(key)} order by {_list(names)}) as place"
    selected = [
        "case when live.place is null then 'rebuilt' when rebuilt.place is null then 'live'"
        " else 'both' end",
        *(f"if(live.place is null, {rebuilt[name]}, {live[name]})" for name in key),
        *(
            f"case when {live[name]} is distinct from {rebuilt[name]}"
            f" then {_text(live[name])} || ' / rebuilt ' || {_text(rebuilt[name])} end"
            for name in others
        ),
    ]
    same = " and ".join(f"{live[name]} is not distinct from {rebuilt[name]}" for name in key)
    order = ", ".join(str(number) for number in range(2, len(key) + 2))
    rows = connection.execute(
        f"select {', '.join(selected)}"
        f" from (select {place}, {listed} from {only_live}) as live"
        f" full join (select {place}, {listed} from {only_rebuilt}) as rebuilt"
        f" on live.place = rebuilt.place and {same}"
        f" order by {order}, coalesce(live.place, rebuilt.place) limit {SHOWN_KEYS}"
    ).fetchall()
    return [_example(key, others, *row) for row in rows]


def _example(
    key: Sequence[str], others: Sequence[str], side: str, *values: object
) -> dict[str, Any]:
    """Name the values of a row; what a single side holds besides the key is left out."""
    named = dict(zip([*key, *others], values, strict=True))
    shown = [*key, *(name for name in others if side == "both" and named[name] is not None)]
    return {"in": side, **{name: named[name] for name in shown}}


def _text(value: str) -> str:
    return f"coalesce({value}::varchar, 'null')"


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)
