"""A home with a landing and a warehouse, and short ways to put files in and look at rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.home import Home
from orchestration.ingestion import manifest, repeats
from orchestration.ingestion.load import ingest
from orchestration.ingestion.report import IngestReport

NOW = datetime(2021, 8, 13, 4, 0)  # noqa: DTZ001 (UTC, as the raw tables hold it)
PRODUCTS = "product_id,merchant_id,category_id,updated_at"
GOOD = "p1,m1,food,2021-08-01 08:00:00"


@dataclass
class Room:
    """The ingestion of one home."""

    home: Home
    connection: duckdb.DuckDBPyConnection

    def put(
        self,
        content: bytes | str,
        name: str = "file.csv",
        feed: str = "products",
        dt: str = "2021-08-12",
        source: str = "native",
    ) -> str:
        """Write a file straight into the landing; return its path there."""
        folder = self.home.landing / source / feed / f"dt={dt}"
        folder.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        return f"{source}/{feed}/dt={dt}/{name}"

    def products(self, *rows: str, name: str = "file.csv") -> str:
        """Put a CSV file of products."""
        return self.put("\n".join([PRODUCTS, *rows]) + "\n", name)

    def parquet(self, table: pa.Table) -> str:
        """Put a table as a Parquet file of products."""
        file = io.BytesIO()
        pq.write_table(table, file)
        return self.put(file.getvalue(), "a.parquet")

    def ingest(self, now: datetime = NOW) -> IngestReport:
        """Ingest at a given time."""
        return ingest(self.home, self.connection, now=now)

    def settle(self) -> None:
        """Let what is loaded count, but for what repeats other files."""
        pending = manifest.pending(self.connection)
        held = repeats.repeats(self.connection, pending)
        manifest.hold(self.connection, held)
        manifest.accept(self.connection, [id_ for id_ in pending if id_ not in held])

    def all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(query, list(values)).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """Return the only value of a query."""
        ((value,),) = self.all(query, *values)
        return value

    def status(self, path: str) -> tuple[str, str]:
        """Return status and reason of the latest delivery of a path."""
        return self.all(
            "select status, coalesce(status_reason, '') from raw.deliveries where path = ?"
            " order by delivery_id desc limit 1",
            path,
        )[0]

    def reasons(self) -> list[tuple[int, str, str]]:
        """Return row, column and reason of all that is in quarantine."""
        return self.all(
            "select row_number, coalesce(column_name, ''), reason from raw.quarantine order by all"
        )


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANXIN_CUSTOMER_KEY", raising=False)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    home = Home(tmp_path / "home").create()
    with duckdb.connect(str(home.warehouse)) as connection:
        yield Room(home, connection)
