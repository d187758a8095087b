"""How fast files get from the landing into the raw tables.

Run it from the project's root: `python -m benchmarks.ingestion [--rows N] [--files N]`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from orchestration.home import Home
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.load import ingest
from orchestration.ingestion.schema import columns_of

LINES = """
select
    md5('line' || i) as line_id,
    md5('order' || (i // 3)) as order_id,
    md5('product' || (i * 7919 % 50000)) as product_id,
    md5('sku' || (i * 7919 % 150000)) as sku_id,
    md5('creator' || (i % 2000)) as creator_id,
    md5('session' || (i % 20000)) as session_id,
    case i % 4 when 0 then 'video' when 1 then 'shelf' else 'live' end as channel,
    1 + i % 3 as item_count,
    100 + i * 31 % 90000 as order_amount,
    90 + i * 31 % 90000 as pay_amount,
    null::timestamp as received_at,
    timestamp '2021-08-01' + to_seconds(i) as updated_at
from range({start}, {end}) as numbers(i)
"""
ORDERS = """
select
    'o' || i as order_id,
    'm' || (i % 100) as merchant_id,
    'c' || (i * 7919 % {people}) as customer_id,
    5 as order_status,
    100 as order_amount,
    100 as pay_amount,
    0 as freight_amount,
    timestamp '2021-08-01' + to_seconds(i) as created_at,
    timestamp '2021-08-01' + to_seconds(i) as updated_at
from range({start}, {end}) as numbers(i)
"""


def main() -> None:
    """Measure every case in a temporary home and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=3_000_000, help="rows of the large files")
    parser.add_argument("--files", type=int, default=600, help="number of small files")
    arguments = parser.parse_args()
    print(f"{'case':<44}{'seconds':>9}{'CPU':>9}{'per second':>16}{'of bare insert':>16}")
    for case in (_large_files, _small_files, _small_files_many_people):
        for label, cost, count, unit, bare in case(arguments):
            of_bare = f"{cost.cpu / bare.cpu:.1f} x CPU" if bare else ""
            rate = f"{count / cost.wall:,.0f} {unit}"
            print(f"{label:<44}{cost.wall:>9.2f}{cost.cpu:>9.2f}{rate:>16}{of_bare:>16}")


class Cost(NamedTuple):
    """Seconds on the clock, and of all processor cores together."""

    wall: float
    cpu: float


Line = tuple[str, Cost, int, str, Cost | None]


def _large_files(arguments: argparse.Namespace) -> Iterator[Line]:
    rows: int = arguments.rows
    with _Place() as place:
        for ending, options in (("parquet", "format parquet"), ("csv", "header"), ("jsonl", "")):
            count = rows if ending != "jsonl" else rows // 10
            part = LINES.format(start=0, end=count)
            place.clear()
            file = place.file("order_lines", f"lines.{ending}")
            duckdb.execute(f"copy ({part}) to '{file}' ({options or 'format json'})")
            bare = _bare_insert(
                place,
                f"read_{ending.replace('jsonl', 'json')}('{file}', hive_partitioning = false)",
            )
            cost = place.ingest()
            yield f"{count:,} lines in one {ending}", cost, count, "rows", bare


def _small_files(arguments: argparse.Namespace) -> Iterator[Line]:
    files: int = arguments.files
    with _Place() as place:
        for ending in ("csv", "parquet"):
            place.clear()
            place.spread(LINES, "order_lines", ending, files)
            yield f"{files} {ending} of 20 lines", place.ingest(), files, "files", None
            yield "the same again, just delivered", place.ingest(), files, "files", None
            time.sleep(2.1)
            place.ingest()
            yield "the same again", place.ingest(), files, "files", None


def _small_files_many_people(arguments: argparse.Namespace) -> Iterator[Line]:
    files: int = arguments.files
    with _Place() as place:
        file = place.file("orders", "all.parquet")
        orders = ORDERS.format(start=0, end=1_000_000, people=1_000_000)
        duckdb.execute(f"copy ({orders}) to '{file}'")
        yield "1,000,000 orders of as many new customers", place.ingest(), 1_000_000, "rows", None
        place.spread(ORDERS.replace("{people}", "1500000"), "orders", "csv", files)
        yield f"{files} csv of 20 orders after that", place.ingest(), files, "files", None


class _Place:
    """A home in a temporary folder."""

    def __enter__(self) -> _Place:
        self.home = Home(Path(tempfile.mkdtemp(prefix="anxin-benchmark-")))
        self.clear()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.home.root)

    def clear(self) -> None:
        """Start from an empty home."""
        shutil.rmtree(self.home.root)
        self.home.create()

    def file(self, feed: str, name: str) -> Path:
        """Return where a file of a native feed is to lie."""
        folder = self.home.landing / "native" / feed / "dt=2021-08-01"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def spread(self, select: str, feed: str, ending: str, files: int) -> None:
        """Write files of 20 rows each."""
        options = "header" if ending == "csv" else "format parquet"
        for number in range(files):
            part = select.format(start=number * 20, end=number * 20 + 20)
            file = self.file(feed, f"part-{number:05}.{ending}")
            duckdb.execute(f"copy ({part}) to '{file}' ({options})")

    def ingest(self) -> Cost:
        """Ingest and return the seconds that it took."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            return _timed(lambda: ingest(self.home, connection))


def _bare_insert(place: _Place, relation: str) -> Cost:
    columns = columns_of(load_contract()["order_lines"])[:-3]
    listed = ", ".join(f"{name} {kind}" for name, kind in columns)
    with duckdb.connect(str(place.home.root / "bare.duckdb")) as connection:
        connection.execute(f"create table bare ({listed})")
        return _timed(lambda: connection.execute(f"insert into bare select * from {relation}"))


def _timed(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main()
