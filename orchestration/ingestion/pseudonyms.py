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
        AnxinError: The key is too short to protect anything.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is None and not home.customer_key_file.exists():
        _make_key_file(home)
    secret = home.customer_key_file.read_text().strip() if given is None else given.strip()
    if len(secret) < KEY_LENGTH:
        where = home.customer_key_file.name if given is None else KEY_VARIABLE
        raise AnxinError(f"the customer key in {where} has less than {KEY_LENGTH} characters")
    return Key(secret.encode())


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
    named = " union all ".join(
        f"select {sql.name(column)} as customer_id from raw.{sql.name(entity)}"
        f" where _delivery_id = {delivery_id:d} and {sql.name(column)} is not null"
        for entity, column in people
    )
    found = connection.execute(
        f"select distinct customer_id from ({named})"
        " anti join raw.customer_pseudonyms using (customer_id)"
    )
    return _store(connection, key, found.to_arrow_table()["customer_id"].to_pylist())


def rekey(connection: duckdb.DuckDBPyConnection, key: Key) -> int:
    """Compute the pseudonyms again that stem from another key; return how many."""
    stale = connection.execute(
        "select customer_id from raw.customer_pseudonyms where key_id <> ?", [key.key_id]
    )
    customer_ids = stale.to_arrow_table()["customer_id"].to_pylist()
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
