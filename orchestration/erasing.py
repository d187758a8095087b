"""Erasing people: out of the raw rows, and out of every file that is kept of them.

One transaction takes them out of the raw tables; what then is left in files is cleared by steps
that can be done again, after a kill by the next writer. The marts follow at the next run, which
finds the emptied rows like any other change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from orchestration import publishing
from orchestration.feeds import unreadable_files
from orchestration.home import Home, UsageError, limits
from orchestration.ingestion import erasures, pseudonyms, schema, sql
from orchestration.ingestion.contract import Entity, load_contract
from orchestration.ingestion.landing import detect_format, list_deliveries
from orchestration.ingestion.manifest import record_event, transaction, utc_now
from orchestration.ingestion.naming import Wanted, is_text, may_be_in_kept
from orchestration.ingestion.rules import shown
from orchestration.ingestion.sources import load_sources
from orchestration.publishing.files import write_atomically

MARKS = "changes"
"""Schema of the change logs."""
GONE = "erased"
"""What stands in logs and pages in place of a person's pseudonym."""


@dataclass
class Erased:
    """What an erasure did.

    Attributes:
        people: How many were erased.
        already: How many of those asked for had been erased before.
        rows: Raw rows that were emptied.
        quarantined: Quarantined rows whose text was taken away.
        evidence: Kept files that were removed.
        generations: Earlier published files that were removed.
        landing: Files in the landing that still name them, or may: only the operator can mend that.
    """

    people: int = 0
    already: int = 0
    rows: int = 0
    quarantined: int = 0
    evidence: int = 0
    generations: int = 0
    landing: list[str] = field(default_factory=list)


def erase(home: Home, customer_ids: Collection[str], who: str) -> Erased:
    """Take people out of everything but the served marts, which the next run mends.

    Args:
        home: Whose warehouse; the caller holds the writer lock.
        customer_ids: As the raw tables hold them: of sources other than native with their prefix.
        who: Person or service that decides; stands in the event.

    Raises:
        UsageError: A customer is unknown; nothing was changed.
    """
    done, entities = Erased(), _entities()
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        sql.prepare_session(connection)
        schema.ensure(connection, load_contract(), load_sources())
        key = pseudonyms.load_key(home)
        before = erasures.erased_people(connection, key)
        hashed = dict(zip(customer_ids, key.pseudonyms(customer_ids), strict=True))
        people = {id_: hash_ for id_, hash_ in hashed.items() if hash_ not in before}
        done.people, done.already = len(people), len(hashed) - len(people)
        _require_known(connection, entities, people)
        values = erasures.personal_values(connection, entities, people)
        if people:
            theirs = values | _own_ids(people, None)
            quoted = {quote for text in theirs for quote in (shown(text), f'"{text}"')}
            _clear_texts(home, {*people.values(), *quoted}, values)
            erasures.mark_unfinished(home)
            unseen = _naming_unseen(home, connection, people, values)
            with transaction(connection):
                take_out(connection, people, values, key.key_id, who, done)
                connection.execute(
                    f"{_NOTE} where sha256 in (select unnest($2::varchar[])) and {_NOT_NOTED}",
                    [erasures.NOTE, unseen],
                )
        wanted = Wanted(_own_ids(customer_ids, None), values)
        done.landing = _still_landed(home, connection, wanted)
    if is_unfinished(home):
        done.evidence, done.generations = finish(home)
    return done


def is_unfinished(home: Home) -> bool:
    """Whether files may still hold what an erasure, or a delivery after one, took out of raw."""
    return home.unfinished_erasure.exists()


def finish(home: Home) -> tuple[int, int]:
    """Clear the files of what the raw tables no longer hold; done again, it changes nothing.

    The caller holds the writer lock, and no connection to the warehouse is open.

    Returns:
        How many kept files and how many earlier generations were removed.
    """
    publishing.drop_clone(home)
    with duckdb.connect(str(home.warehouse), config=limits()) as connection:
        evidence = erasures.sweep_evidence(home, connection)
        newest = erasures.newest_erasure(connection)
    generations = publishing.drop_older(home, newest)
    publishing.compact(home.warehouse)
    home.unfinished_erasure.unlink(missing_ok=True)
    return evidence, generations


def clean_marts(path: Path, erased: Collection[str]) -> None:
    """Take erased people out of what a built marts file holds besides its tables.

    Their pseudonyms stand in the change logs, which all models of the file have read by now, and
    in the bytes of rows that were deleted.
    """
    with duckdb.connect(str(path)) as connection:
        logs = connection.execute(
            "select table_name from duckdb_columns() where schema_name = ?"
            " and column_name = 'customer_key' and database_name = current_database()",
            [MARKS],
        ).fetchall()
        for (log,) in logs:
            connection.execute(
                f"delete from {MARKS}.{sql.name(log)}"
                " where customer_key in (select unnest(?::varchar[]))",
                [list(erased)],
            )
    publishing.compact(path)


def _entities() -> list[Entity]:
    """Return the entities whose rows name people."""
    return [entity for entity in load_contract().values() if entity.people]


def _require_known(
    connection: duckdb.DuckDBPyConnection, entities: list[Entity], people: Collection[str]
) -> None:
    """Refuse ids that no row names: they are mistyped."""
    known: set[str] = set()
    for entity in entities:
        for person in map(sql.name, entity.people):
            rows = connection.execute(
                f"select distinct {person} from raw.{sql.name(entity.name)}"
                f" where {person} in (select unnest(?::varchar[]))",
                [list(people)],
            ).fetchall()
            known.update(row[0] for row in rows)
    texts: list[tuple[str | None, str]] = []
    if set(people) - known:
        texts = connection.execute(
            "select source, row_text from raw.quarantine where row_text is not null"
        ).fetchall()
    for id_ in set(people) - known:
        is_named = _naming({id_}, set())
        if any(is_named(source, text) for source, text in texts):
            known.add(id_)
    if unknown := len(set(people) - known):
        raise UsageError(
            f"{unknown} of the customers are unknown: no delivered row names them; nothing was"
            " erased. Ids of other sources than native begin with <source>:"
        )


def _naming(people: Collection[str], values: Collection[str]) -> Callable[[str | None, str], bool]:
    """Tell whether what a source delivered names one of these people, or holds what is theirs."""
    wanted = cache(lambda source: Wanted(_own_ids(people, source), values))
    return lambda source, text: wanted(source).is_in(text)


def _own_ids(people: Iterable[str], source: str | None) -> set[str]:
    """Return ids as a source's files name them, without the prefix that raw tables put before.

    Whoever is known by the prefix of another source is not named by these files. Of a source that
    is unknown, or None, they may name anybody.
    """
    sources = load_sources()
    if source not in sources:
        return {*people, *(id_.partition(":")[2] or id_ for id_ in people)}
    prefix = sources[source].id_prefix
    return {id_.removeprefix(prefix) for id_ in people if id_.startswith(prefix)}


def take_out(
    connection: duckdb.DuckDBPyConnection,
    people: Mapping[str, str],
    values: Collection[str],
    key_id: str,
    who: str,
    done: Erased,
) -> None:
    """Empty what the raw tables hold of people, in the current transaction.

    Args:
        connection: To the warehouse.
        people: Customer ids with their pseudonyms.
        values: What is theirs besides: names, phones, addresses.
        key_id: The key that made the pseudonyms.
        who: Stands in the event.
        done: Is told what was emptied.
    """
    now, numbers, entities = utc_now(), {}, _entities()
    for id_, customer_key in people.items():
        numbers[id_] = record_event(connection, None, "erased", f"erased by {who}", now)
        connection.execute(
            "insert into raw.erasures values (?, ?, ?, ?, ?)",
            [numbers[id_], customer_key, key_id, who, now],
        )
    done.rows = erasures.empty_rows(connection, entities, numbers)
    is_named = _naming(people, values)
    texts = erasures.empty_texts(connection, is_named)
    erasures.empty_reasons(connection, is_named)
    lowered = _naming([id_.lower() for id_ in people], [value.lower() for value in values])
    erasures.empty_notes(connection, lowered)
    done.quarantined = len(texts)
    connection.execute(
        "delete from raw.customer_pseudonyms where customer_id in (select unnest(?::varchar[]))",
        [list(people)],
    )
    first = min(numbers.values())
    emptied = " union ".join(
        f"select _delivery_id from raw.{sql.name(entity.name)} where _erased_seq >= {first:d}"
        for entity in entities
    )
    connection.execute(
        f"{_NOTE} where (delivery_id in ({emptied})"
        f" or delivery_id in (select unnest($2::bigint[]))) and {_NOT_NOTED}",
        [erasures.NOTE, texts],
    )


_NOTE = "update raw.deliveries set notes = concat_ws('; ', notes, $1)"
_NOT_NOTED = "not contains(coalesce(notes, ''), $1)"


def _naming_unseen(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    people: Collection[str],
    values: Collection[str],
) -> list[str]:
    """Return the SHA-256 of kept files that name people where no raw table shows it.

    So may the files whose columns the feed doesn't all use, as those of a mapped feed; of one that
    can't be read any more nobody can tell. An id is looked for as each of the sources writes it
    that delivered the content.
    """
    mapped = [
        f"{source.name}/{feed.name}"
        for source in load_sources().values()
        for feed in source.feeds.values()
        if not feed.is_identity
    ]
    rows = connection.execute(
        "select sha256, array_agg(distinct source),"
        f" array_agg(distinct path) filter (where {erasures.WAS_READ}) from raw.deliveries"
        " where (contains(notes, $2) or source || '/' || feed in (select unnest($3::varchar[])))"
        f" and {_NOT_NOTED} and sha256 is not null group by sha256",
        [erasures.NOTE, erasures.UNUSED, mapped],
    ).fetchall()
    wanted = cache(
        lambda sources: Wanted({own for name in sources for own in _own_ids(people, name)}, values)
    )
    found = []
    for sha256, sources, paths in rows:
        evidence = home.evidence / sha256[:2] / sha256
        shapes = {detect_format(Path(path).name) or ("csv", None) for path in paths or ()}
        if evidence.exists() and any(
            may_be_in_kept(wanted(tuple(sorted(sources))), home, connection, evidence, *shape)
            for shape in shapes
        ):
            found.append(sha256)
    return found


def _clear_texts(home: Home, texts: Collection[str], values: Collection[str]) -> None:
    """Overwrite texts in logs, run records and Data Docs, and whatever is quoted with a value.

    Pseudonyms stand there, and values in the quotation marks of reasons.
    """
    wanted = [_in_json(text) for text in texts]
    within = {_in_json(value): _quoting(_in_json(value)) for value in values}
    folders = (home.logs, home.docs)
    for path in [path for folder in folders for path in folder.rglob("*") if path.is_file()]:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture of the docs
            continue
        cleared = text
        for written in wanted:
            cleared = cleared.replace(written, GONE)
        for value, quoting in within.items():
            if value in cleared:
                cleared = quoting.sub(GONE, cleared)
        if cleared != text:
            write_atomically(path, cleared)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _quoting(value: str) -> re.Pattern[str]:
    """Return a pattern of what is quoted and holds a value; it stays inside one text of JSON."""
    other, value = r"""[^'"\\\n]*""", re.escape(value)
    return re.compile("|".join(f"{quote}{other}{value}{other}{quote}" for quote in ("'", r'\\"')))


def _still_landed(home: Home, connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[str]:
    """List what lies in the landing under the path of a delivery that named an erased person.

    Files that could not be read are searched for what is known of the people. Nothing is found in
    what is no text, as compressed files, or can't be opened, so each of these is listed.
    """
    files, findings = list_deliveries(home)
    landed = {file.path: file.location for file in files}
    landed |= {finding.path: finding.location for finding in findings}
    rows = connection.execute(
        "select path, bool_or(contains(coalesce(notes, ''), ?)) over (partition by path, sha256),"
        f" {erasures.WAS_READ} from raw.deliveries"
        " qualify row_number() over (partition by path order by delivery_id desc) = 1",
        [erasures.NOTE],
    ).fetchall()
    noted = {path for path, is_noted, _ in rows if is_noted}
    unread = {path for path, _, was_read in rows if not was_read} | unreadable_files(home).keys()
    return [
        path
        for path, location in sorted(landed.items())
        if path in noted or (path in unread and _may_name(wanted, location))
    ]


def _may_name(wanted: Wanted, path: Path) -> bool:
    """Whether a file of the landing names somebody, or files in a folder that can't be read.

    A link to a folder names nobody: what lies in the landing is looked at where it lies.
    """
    try:
        if path.is_file():
            return not is_text(path) or wanted.is_in_file(path)
        return path.is_dir() and not path.is_symlink()
    except FileNotFoundError:
        return False
    except OSError:
        return True
