"""Compares marts with answers, key by key and value by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from orchestration.check_answers.comparisons import COMPARISONS, Comparison
from orchestration.home import UsageError

LISTED = 100
"""Differences that are listed per answer; all of them are counted."""
CLOSE = 1e-12
"""How far doubles may lie apart, as a share of the greater one."""
MEMORY_LIMIT = "4GB"


@dataclass(frozen=True)
class Difference:
    """One value, or one row, that is not as the answer says.

    Attributes:
        key: What names the row, by column.
        column: The value's column; `row` where the row as a whole is missing, extra or repeated.
        expected: What the answer says.
        found: What the mart says.
    """

    answer: str
    key: dict[str, Any]
    column: str
    expected: Any
    found: Any


@dataclass(frozen=True)
class Compared:
    """How one answer compares.

    Attributes:
        mart: The published table, or None while there is none for this answer.
        rows: Rows of the answer.
        values: Values that were compared.
        differences: How many values and rows differ.
        listed: The first of them.
    """

    answer: str
    mart: str | None
    rows: int
    values: int = 0
    differences: int = 0
    listed: list[Difference] = field(default_factory=list)


def compare(
    published: Path, answers: Path, comparisons: Sequence[Comparison] = COMPARISONS
) -> list[Compared]:
    """Compare every answer that lies in a folder with its mart.

    Args:
        published: The published marts file.
        answers: The folder of the answers.
        comparisons: What is compared with what.

    Returns:
        One entry per answer, sorted; those without a mart have `mart` None.

    Raises:
        UsageError: There are no marts, or no answers.
    """
    found = sorted(answers.glob("*.parquet"))
    if not found:
        raise UsageError(f"{answers} holds no answers; name the folder `answers` of a simulation")
    if not published.exists():
        raise UsageError(f"nothing is published at {published} yet: `anxin run` does it")
    with reading(published) as connection:
        return [
            compared
            for file in found
            for compared in _compare_answer(connection, file, comparisons)
        ]


@contextmanager
def reading(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach the published file as `marts` to a fresh instance."""
    with (
        TemporaryDirectory(prefix="check-answers-") as spill,
        duckdb.connect(
            ":memory:", config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill}
        ) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{_quoted(published)}' as marts (read_only)")
        yield connection


def _compare_answer(
    connection: duckdb.DuckDBPyConnection, file: Path, comparisons: Iterable[Comparison]
) -> Iterator[Compared]:
    concerned = [entry for entry in comparisons if entry.answer == file.stem]
    for entry in concerned:
        yield _compare(connection, file, entry)
    if not concerned:
        yield Compared(file.stem, None, _count(connection, f"from '{_quoted(file)}'"))


def _compare(connection: duckdb.DuckDBPyConnection, file: Path, entry: Comparison) -> Compared:
    answer = f"read_parquet('{_quoted(file)}')"
    expected, found = entry.expected.format(answer=answer), entry.query.format(answer=answer)
    rows = _count(connection, expected)
    try:
        connection.execute(_differing(entry, expected, found))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        missing = Difference(entry.answer, {}, "row", entry.mart, str(error).splitlines()[0])
        return Compared(entry.answer, entry.mart, rows, 0, 1, [missing])
    listed = list(_listed(connection, entry))
    names = (*entry.values, *entry.close)
    wrong = " + ".join(f"count(*) filter (where {_quoted_name('wrong ' + n)})" for n in names)
    lacking, extra, different = connection.execute(
        "select count(*) filter (where not is_found), count(*) filter (where not is_expected),"
        f" {wrong} from differing"
    ).fetchall()[0]
    joined = _count(connection, found) - extra
    repeated = joined + lacking - rows
    if repeated:
        listed += _repeated(connection, entry, found)
    return Compared(
        entry.answer,
        entry.mart,
        rows,
        joined * len(names),
        lacking + extra + different + repeated,
        listed[:LISTED],
    )


def _differing(entry: Comparison, expected: str, found: str) -> str:
    """Make the table of the rows that differ, each with what is wrong in it."""
    names = (*entry.values, *entry.close)
    both = "expected.is_expected is not null and found.is_found is not null"
    keys = ", ".join(f"coalesce(expected.{name}, found.{name}) as {name}" for name in entry.keys)
    same = " and ".join(f"expected.{name} is not distinct from found.{name}" for name in entry.keys)
    pairs = ", ".join(
        f"expected.{name} as {_quoted_name('expected ' + name)},"
        f" found.{name} as {_quoted_name('found ' + name)},"
        f" {both} and ({_wrong(name, name in entry.close)}) as {_quoted_name('wrong ' + name)}"
        for name in names
    )
    listed = ", ".join((*entry.keys, *names))
    wrong = " or ".join(_quoted_name("wrong " + name) for name in names)
    return f"""
        create or replace temp table differing as
        select
            {keys},
            expected.is_expected is not null as is_expected,
            found.is_found is not null as is_found,
            {pairs}
        from (select {listed}, true as is_expected from ({expected})) as expected
        full join (select {listed}, true as is_found from ({found})) as found on {same}
        where expected.is_expected is null or found.is_found is null or {wrong}"""


def _wrong(name: str, is_close: bool) -> str:
    if not is_close:
        return f"expected.{name} is distinct from found.{name}"
    return (
        f"(expected.{name} is null) <> (found.{name} is null) or coalesce(abs(expected.{name} -"
        f" found.{name}) > {CLOSE} * greatest(abs(expected.{name}), abs(found.{name})), false)"
    )


def _listed(connection: duckdb.DuckDBPyConnection, entry: Comparison) -> Iterator[Difference]:
    order = ", ".join(entry.keys)
    for row in _rows(connection, f"from differing order by {order} limit {LISTED}"):
        key = {name: row[name] for name in entry.keys}
        if not (row["is_expected"] and row["is_found"]):
            sides = ("a row", None) if row["is_expected"] else (None, "a row")
            yield Difference(entry.answer, key, "row", *sides)
            continue
        for name in (*entry.values, *entry.close):
            if row["wrong " + name]:
                sides = row["expected " + name], row["found " + name]
                yield Difference(entry.answer, key, name, *sides)


def _repeated(
    connection: duckdb.DuckDBPyConnection, entry: Comparison, found: str
) -> Iterator[Difference]:
    keys = ", ".join(entry.keys)
    query = (
        f"select {keys}, count(*) as times from ({found}) group by all having count(*) > 1"
        f" order by all limit {LISTED}"
    )
    for row in _rows(connection, query):
        times = row.pop("times")
        yield Difference(entry.answer, row, "row", "once", f"{times} times")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(f"select count(*) from ({query})").fetchall()[0][0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _quoted_name(name: str) -> str:
    return f'"{name}"'
