"""Keyed hashes of the people whom raw rows name; the key never enters SQL, logs or messages."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb

from orchestration.home import AnxinError, Home
from orchestration.ingestion import sql
from orchestration.ingestion.manifest import transaction

KEY_VARIABLE = "ANXIN_CUSTOMER_KEY"
SMALL_ROWS = 10_000
"""A delivery of up to this many rows is small."""
JOINS = 10
"""Small deliveries for which the join is still cheaper than to hold the known people."""
KEY_LENGTH = 32
"""Characters that a key must have at least."""


@dataclass(frozen=True)
class Key:
    """The secret of the pseudonyms, and a short name of it that may be shown."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """First 8 hex digits of the key's SHA-256."""
        return hashlib.sha256(self.secret).hexdigest()[:8]

    def pseudonyms(self, customer_ids: Iterable[str]) -> list[str]:
        """Return HMAC-SHA256 of each id, the first 32 hex digits."""
        secret = self.secret
        return [
            hmac.digest(secret, customer_id.encode(), "sha256")[:16].hex()
            for customer_id in customer_ids
        ]


def load_key(home: Home) -> Key:
    """Return the key of the environment, or of the home's key file, which is made when missing.

    Raises:
        AnxinError: The key is no text, or too short to protect anything.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is None and not home.customer_key_file.exists():
        _make_key_file(home)
    secret = _stored(home) if given is None else given.strip()
    if len(secret) < KEY_LENGTH:
        where = home.customer_key_file.name if given is None else KEY_VARIABLE
        raise AnxinError(f"the customer key in {where} has less than {KEY_LENGTH} characters")
    return Key(secret.encode())


def _stored(home: Home) -> str:
    try:
        return home.customer_key_file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise AnxinError(f"{home.customer_key_file.name} holds no text in UTF-8") from None


def add_new(
    connection: duckdb.DuckDBPyConnection,
    key: Key,
    people: Sequence[tuple[str, str]],
    delivery_id: int,
) -> int:
    """Give every person of a delivery who has none a pseudonym, in the current transaction.

    Args:
        connection: To the warehouse.
        key: The key in force.
        people: (entity, column) of each column that names a person.
        delivery_id: Whose rows to look at.

    Returns:
        How many were new.
    """
    if not people:
        return 0
    query = f"{_named(people, delivery_id)} anti join raw.customer_pseudonyms using (customer_id)"
    return _store(connection, key, _ids(connection, query))


class People:
    """Gives everyone who is new a pseudonym, over the deliveries of one ingest.

    A large delivery is joined with the known people. For a small one that join would read them
    all to find a handful, so after some of these the known pseudonyms are held in memory, 16
    bytes each. Two people of one pseudonym would be one person everywhere else, too.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, key: Key) -> None:
        self.connection = connection
        self.key = key
        self._joins = 0
        self._known: _KnownKeys | None = None

    def add_new(self, people: Sequence[tuple[str, str]], delivery_id: int, rows: int) -> int:
        """Do what the function `add_new` does, given about how many rows the delivery has."""
        if not people:
            return 0
        if rows > SMALL_ROWS or self._joins < JOINS:
            self._joins += rows <= SMALL_ROWS
            self.forget()
            return add_new(self.connection, self.key, people, delivery_id)
        customer_ids = _ids(self.connection, _named(people, delivery_id))
        if self._known is None:
            self._known = _KnownKeys(self.connection)
        return _store(self.connection, self.key, self._known.add(self.key, customer_ids))

    def forget(self) -> None:
        """Read the known pseudonyms again when they are next needed."""
        self._known = None


class _KnownKeys:
    """The pseudonyms of the warehouse, sorted, and those that were added since."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        halves = connection.execute(
            "select ('0x' || customer_key[:16])::ubigint as high,"
            " ('0x' || customer_key[17:])::ubigint as low"
            " from raw.customer_pseudonyms order by all"
        ).fetchnumpy()
        self._high, self._low = halves["high"], halves["low"]
        self._added: set[str] = set()

    def add(self, key: Key, customer_ids: list[str]) -> list[str]:
        """Return the ids whose pseudonym is not known, and know them from now on."""
        new = []
        for customer_id, pseudonym in zip(customer_ids, key.pseudonyms(customer_ids), strict=True):
            if pseudonym not in self._added and not self._holds(pseudonym):
                self._added.add(pseudonym)
                new.append(customer_id)
        return new

    def _holds(self, pseudonym: str) -> bool:
        high, low = int(pseudonym[:16], 16), int(pseudonym[16:], 16)
        position = int(self._high.searchsorted(self._high.dtype.type(high)))
        while position < len(self._high) and self._high[position] == high:
            if self._low[position] == low:
                return True
            position += 1
        return False


def _named(people: Sequence[tuple[str, str]], delivery_id: int) -> str:
    named = " union all ".join(
        f"select {sql.name(column)} as customer_id from raw.{sql.name(entity)}"
        f" where _delivery_id = {delivery_id:d} and {sql.name(column)} is not null"
        for entity, column in people
    )
    return f"select distinct customer_id from ({named})"


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    ids: list[str] = connection.execute(query).to_arrow_table()["customer_id"].to_pylist()
    return ids


def is_stale(connection: duckdb.DuckDBPyConnection, key: Key) -> bool:
    """Whether some pseudonyms stem from another key."""
    query = "select count(*) > 0 from raw.customer_pseudonyms where key_id <> ?"
    return bool(connection.execute(query, [key.key_id]).fetchall()[0][0])


def rekey(connection: duckdb.DuckDBPyConnection, key: Key) -> int:
    """Compute the pseudonyms again that stem from another key; return how many."""
    stale = connection.execute(
        "select customer_id from raw.customer_pseudonyms where key_id <> ?", [key.key_id]
    )
    customer_ids = [row[0] for row in stale.fetchall()]
    if customer_ids:
        with transaction(connection):
            connection.execute(
                "delete from raw.customer_pseudonyms where key_id <> ?", [key.key_id]
            )
            _store(connection, key, customer_ids)
    return len(customer_ids)


def _store(connection: duckdb.DuckDBPyConnection, key: Key, customer_ids: list[str]) -> int:
    import pyarrow as pa

    if not customer_ids:
        return 0
    columns = {
        "customer_id": pa.array(customer_ids, pa.string()),
        "customer_key": pa.array(key.pseudonyms(customer_ids), pa.string()),
    }
    connection.register("new_pseudonyms", pa.table(columns))
    try:
        connection.execute(
            "insert into raw.customer_pseudonyms select customer_id, customer_key, ?"
            " from new_pseudonyms",
            [key.key_id],
        )
    finally:
        connection.unregister("new_pseudonyms")
    return len(customer_ids)


def _make_key_file(home: Home) -> None:
    """Write a new key beside its place and link it there, so that no half a key ever stands."""
    partial = home.customer_key_file.with_name(f".customer.key-{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as writer:
            writer.write(secrets.token_hex(32) + "\n")
            writer.flush()
            os.fsync(writer.fileno())
        os.link(partial, home.customer_key_file)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
