"""Erased people: known by their keyed hash alone, and emptied wherever a raw row names them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.ingestion import sql
from orchestration.ingestion.contract import Entity
from orchestration.ingestion.naming import plain
from orchestration.ingestion.pseudonyms import Key
from orchestration.log import masked
from orchestration.publishing.files import write_atomically

NOTE = "evidence removed: it named an erased person"
"""What the manifest says of a delivery whose file is no longer kept."""

UNUSED = "columns that the feed does not use"
"""How the manifest begins to name the columns of a delivery that went into no raw table."""
WAS_READ = "(status <> 'rejected' or rows_read > 0)"
"""Of a delivery: its file could be read."""
SHARED_BY = 10
"""Other customers that may hold a personal value, as a family does; what more of them hold is a
placeholder, and whoever looked for it would empty rows of everybody."""

_DELIMITERS = re.compile(r"[\s,;|\"'`{}\[\]:]+")
_WORDS = re.compile(r"[A-Za-z0-9_-]+")


def erased_people(connection: duckdb.DuckDBPyConnection, key: Key) -> dict[str, int]:
    """Return when each erased person was erased: by keyed hash, on the clock of change.

    Raises:
        AnxinError: They were erased under another key, so that nobody could recognise them.
    """
    rows = connection.execute(
        "select customer_key, key_id, max(change_seq) from raw.erasures group by all"
    ).fetchall()
    if others := {key_id for _, key_id, _ in rows} - {key.key_id}:
        raise AnxinError(
            f"{len(rows)} erased people can only be recognised under the customer key"
            f" {', '.join(sorted(others))}, but the key in force is {key.key_id}: put the"
            " earlier key back; nothing was loaded"
        )
    return {customer_key: change_seq for customer_key, _, change_seq in rows}


def newest_erasure(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the newest erasure on the clock of change; 0 without any."""
    try:
        return sql.scalar(connection, "select coalesce(max(change_seq), 0) from raw.erasures")
    except duckdb.CatalogException:  # no run of this code has opened the warehouse yet
        return 0


def mark_unfinished(home: Home) -> None:
    """Note, before the commit, that files will hold what the raw tables no longer do."""
    write_atomically(home.unfinished_erasure, "", durable=True)


def empty_delivery(
    connection: duckdb.DuckDBPyConnection,
    key: Key,
    erased: Mapping[str, int],
    entities: Collection[Entity],
    delivery_id: int,
    id_prefix: str,
) -> bool:
    """Empty the rows and quarantined texts of a delivery that name erased people.

    Args:
        connection: To the warehouse, in the transaction of the delivery.
        key: The key in force.
        erased: What `erased_people` returns.
        entities: Those that the delivery fills.
        delivery_id: Whose rows to look at.
        id_prefix: What its source's ids begin with in the raw tables, but not in its files.

    Returns:
        Whether any was found.
    """
    named = set(_named(connection, entities, delivery_id))
    people = {id_: erased[hashed] for id_, hashed in _hashed(key, named) if hashed in erased}
    rows = empty_rows(connection, entities, people, delivery_id)

    def names_one(_: str | None, text: str) -> bool:
        ids = [id_prefix + word for word in words(text)]
        return any(hashed in erased for _, hashed in _hashed(key, ids))

    texts = empty_texts(connection, names_one, delivery_id)
    return bool(rows or texts)


def empty_rows(
    connection: duckdb.DuckDBPyConnection,
    entities: Iterable[Entity],
    people: Mapping[str, int],
    delivery_id: int | None = None,
) -> int:
    """Take people out of the raw tables, in the current transaction; the rows stay.

    A customer's own row keeps nothing but its version time, another one loses the customer and
    the personal columns: amounts are needed, whoever paid them. A version of the same thing that
    does not say whose it is loses its personal columns too.

    Args:
        connection: To the warehouse.
        entities: Whose tables to look at.
        people: Customer ids with the number of their erasure.
        delivery_id: Look only at its rows.

    Returns:
        How many rows were emptied.
    """
    within = "true" if delivery_id is None else f"rows._delivery_id = {delivery_id:d}"
    found = [list(people), list(people.values())]
    count = 0
    for entity in entities:
        table = f"raw.{sql.name(entity.name)}"
        personal = [sql.name(column.name) for column in entity.columns if column.personal]
        for person in map(sql.name, entity.people):
            emptied = "".join(f"{name} = null, " for name in _emptied(entity))
            if people:
                count += sql.scalar(
                    connection,
                    f"update {table} as rows set {emptied}_erased_seq = people.change_seq"
                    " from (select unnest(?::varchar[]) as id, unnest(?::bigint[]) as change_seq)"
                    f" as people where {within} and rows.{person} = people.id",
                    *found,
                )
            key = ", ".join(sql.name(column.name) for column in entity.columns if column.key)
            if personal and person != key:
                emptied = "".join(f"{name} = null, " for name in personal)
                filled = " or ".join(f"rows.{name} is not null" for name in personal)
                count += sql.scalar(
                    connection,
                    f"update {table} as rows set {emptied}_erased_seq = known.change_seq"
                    f" from (select {key}, max(_erased_seq) as change_seq from {table}"
                    f" where _erased_seq is not null group by all) as known where {within}"
                    f" and rows.{person} is null and ({filled}) and rows.{key} = known.{key}",
                )
    return count


def personal_values(
    connection: duckdb.DuckDBPyConnection, entities: Collection[Entity], people: Collection[str]
) -> set[str]:
    """Return what the raw rows hold of people besides their ids: names, phones, addresses.

    Only what can tell one person from others: at least two characters, a letter or digit among
    them, and not held by rows of more than `SHARED_BY` other customers.
    """
    values: set[str] = set()
    for entity in entities:
        for person in map(sql.name, entity.people):
            for column in entity.columns:
                if column.personal:
                    rows = connection.execute(
                        f"select distinct trim({sql.name(column.name)}::varchar)"
                        f" from raw.{sql.name(entity.name)}"
                        f" where {person} in (select unnest(?::varchar[]))",
                        [list(people)],
                    ).fetchall()
                    values.update(row[0] for row in rows if row[0])
    telling = {value for value in values if len(value) > 1 and any(map(str.isalnum, value))}
    return telling - _shared(connection, entities, people, telling)


def _shared(
    connection: duckdb.DuckDBPyConnection,
    entities: Iterable[Entity],
    people: Collection[str],
    values: Collection[str],
) -> set[str]:
    """Return those of some personal values that stand in rows of many other customers, too."""
    holders: dict[str, set[str]] = {}
    for entity in entities:
        for person in map(sql.name, entity.people):
            for column in entity.columns:
                if column.personal:
                    rows = connection.execute(
                        "select held, holder from (select distinct"
                        f" trim({sql.name(column.name)}::varchar) as held, {person} as holder"
                        f" from raw.{sql.name(entity.name)}) where holder is not null"
                        " and held in (select unnest(?::varchar[]))"
                        " and holder not in (select unnest(?::varchar[]))"
                        f" qualify row_number() over (partition by held) <= {SHARED_BY + 1:d}",
                        [list(values), list(people)],
                    ).fetchall()
                    for value, holder in rows:
                        holders.setdefault(value, set()).add(holder)
    return {value for value, others in holders.items() if len(others) > SHARED_BY}


def empty_texts(
    connection: duckdb.DuckDBPyConnection,
    is_named: Callable[[str | None, str], bool],
    delivery_id: int | None = None,
) -> list[int]:
    """Take the text of quarantined rows that name a person; of the reason all but values stays.

    So it does of the reasons of rows whose text is gone already.

    Args:
        connection: To the warehouse.
        is_named: Told the source of a row and its text.
        delivery_id: Look only at its rows.

    Returns:
        The deliveries of these rows, once for each.
    """
    within = "true" if delivery_id is None else f"delivery_id = {delivery_id:d}"
    rows = connection.execute(
        f"select rowid, delivery_id, reason, row_text, source from raw.quarantine where {within}"
    ).fetchall()
    emptied = [row for row in rows if row[3] is None and masked(row[2]) != row[2]]
    found = [row for row in rows if row[3] is not None and is_named(row[4], row[3])]
    if cleared := emptied + found:
        connection.execute(
            "update raw.quarantine set row_text = null, reason = cleared.reason"
            " from (select unnest(?::bigint[]) as id, unnest(?::varchar[]) as reason) as cleared"
            " where quarantine.rowid = cleared.id",
            [[row[0] for row in cleared], [masked(row[2]) for row in cleared]],
        )
    return [row[1] for row in found]


def empty_reasons(
    connection: duckdb.DuckDBPyConnection, is_named: Callable[[str | None, str], bool]
) -> None:
    """Take what the manifest quotes of files out of reasons that name a person.

    What the landing was found to hold beside deliveries is told by its path, and stays.
    """
    told = connection.execute(
        "select distinct source, status_reason from raw.deliveries"
        " where sha256 is not null and status_reason is not null"
        " union select source, reason from raw.change_events"
        " inner join raw.deliveries using (delivery_id)"
        " where sha256 is not null and reason is not null"
    ).fetchall()
    for reason in {reason for source, reason in told if is_named(source, reason)}:
        for table, column in (("deliveries", "status_reason"), ("change_events", "reason")):
            connection.execute(
                f"update raw.{table} set {column} = $1 where {column} = $2 and delivery_id in"
                " (select delivery_id from raw.deliveries where sha256 is not null)",
                [masked(reason), reason],
            )


def empty_notes(
    connection: duckdb.DuckDBPyConnection, is_named: Callable[[str | None, str], bool]
) -> None:
    """Take the columns of a file out of notes if one of their names, in lower case, is a person's.

    A header may be the row of a person, or their name the key of a JSON line.
    """
    listed = connection.execute(
        "select distinct source, notes, replace(notes, $1, '') from raw.deliveries"
        " where starts_with(notes, $2)",
        [NOTE, UNUSED],
    ).fetchall()
    for notes in {notes for source, notes, names in listed if is_named(source, names)}:
        connection.execute(
            "update raw.deliveries set notes = concat_ws('; ', $1, $2) where notes = $3",
            [f"{UNUSED}: …", NOTE if NOTE in notes else None, notes],
        )


def words(text: str) -> set[str]:
    """Return all that may be an identifier in the text of a delivered row."""
    resolved = plain(text)
    found = {word.removesuffix(".0") for word in _DELIMITERS.split(resolved)}
    found.update(_WORDS.findall(resolved))
    try:
        values = json.loads(text)
    except ValueError:
        return found
    return found | (
        {str(value) for value in values.values()} if isinstance(values, dict) else set()
    )


def sweep_evidence(home: Home, connection: duckdb.DuckDBPyConnection) -> int:
    """Remove kept files that name erased people, or may; return how many.

    Of a file that could not be read nobody can tell whom it names, so once somebody is erased only
    the content of deliveries that were read is kept.
    """
    if not newest_erasure(connection):
        return 0
    rows = connection.execute(
        "select sha256 from raw.deliveries where sha256 is not null group by sha256"
        f" having bool_or({WAS_READ})"
        " and not bool_or(contains(coalesce(notes, ''), ?))",
        [NOTE],
    ).fetchall()
    kept = {row[0] for row in rows}
    removed = [path for path in home.evidence.glob("??/*") if path.name not in kept]
    for path in removed:
        path.unlink(missing_ok=True)
    return len(removed)


def _emptied(entity: Entity) -> list[str]:
    """Name the columns that an erased person's row loses; a customer's own row keeps its time."""
    is_own = any(column.key and column.person for column in entity.columns)
    return [
        sql.name(column.name)
        for column in entity.columns
        if column.is_private or (is_own and column.name != entity.version)
    ]


def _named(
    connection: duckdb.DuckDBPyConnection, entities: Iterable[Entity], delivery_id: int
) -> Iterable[str]:
    for entity in entities:
        for person in map(sql.name, entity.people):
            rows = connection.execute(
                f"select distinct {person} from raw.{sql.name(entity.name)}"
                f" where _delivery_id = ? and {person} is not null",
                [delivery_id],
            ).fetchall()
            yield from (row[0] for row in rows)


def _hashed(key: Key, ids: Collection[str]) -> Iterable[tuple[str, str]]:
    return zip(ids, key.pseudonyms(ids), strict=True)
