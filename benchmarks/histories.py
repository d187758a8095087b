"""What is measured: a simulated history, a day's change after it, and the same history four times.

A history is simulated, the lines of one date 200 days before its end are moved to a file of their
own, and the whole is run once. The day's change corrects that file.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.hand_written import SQL
from orchestration.home import Home
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.landing import deliver
from simulator.parameters import Parameters
from simulator.simulate import simulate

DAY = date(2021, 9, 1)
"""The measured day: the one after the history's last."""
FIRST_DATE = date(2020, 1, 1)
OLD_DATE = DAY - timedelta(days=200)
FEEDS = ("livestream_sessions", "orders", "order_lines", "claims")


@dataclass(frozen=True)
class Change:
    """Files of the measured day.

    Attributes:
        folder: Where they lie, `<feed>/dt=.../<file>`.
        rows: Rows by file.
    """

    folder: Path
    rows: dict[str, int]

    def deliver(self, home: Home) -> None:
        """Put the files into a home's landing."""
        for path in sorted(self.folder.rglob("*.parquet")):
            day = path.parent.name.removeprefix("dt=")
            deliver(home, path, "native", path.parent.parent.name, day)


def make_landing(home: Home, lines: int, since: date = FIRST_DATE) -> None:
    """Simulate a history without faults, with one old file of its own, into a home's landing."""
    made = home.root / "simulation"
    parameters = Parameters(lines, seed=1, from_date=since, days=1, is_clean=True)
    simulate(parameters, made, with_answers=False)
    _carve(made / "landing" / "native")
    shutil.rmtree(home.landing, ignore_errors=True)
    (made / "landing").rename(home.landing)
    shutil.rmtree(made)


def _carve(native: Path) -> None:
    line_files = _parquet_since(native / "order_lines")[:3]
    last = line_files[-1].parent
    with duckdb.connect() as connection:
        _set(
            connection,
            line_files=[str(path) for path in line_files],
            order_files=[str(path) for path in _parquet_since(native / "orders")[:3]],
            old_date=OLD_DATE,
        )
        connection.execute((SQL / "carve.sql").read_text())
        for path in line_files:
            rest = path.with_name("rest.parquet")
            connection.execute(
                f"copy (from read_parquet('{path}', hive_partitioning = false)"
                f" where line_id not in (select line_id from carved_lines)) to '{rest}'"
            )
            rest.replace(path)
        connection.execute(
            "copy (select * exclude (filename) from carved_lines qualify row_number() over"
            " (partition by line_id order by updated_at desc) = 1 order by line_id)"
            f" to '{last / 'order_lines-old.parquet'}'"
        )


def _parquet_since(feed: Path) -> list[Path]:
    return [
        path
        for path in sorted(feed.rglob("*.parquet"))
        if path.parent.name >= f"dt={OLD_DATE}" and "-old" not in path.name
    ]


def make_change(home: Home, lines: int, folder: Path) -> Change:
    """Write the measured day's files, from the history that a home has loaded."""
    old_file = next(home.landing.rglob("order_lines-old.parquet"))
    wanted = {feed: folder / feed / f"dt={DAY}" / f"{feed}.parquet" for feed in FEEDS}
    wanted["corrected_order_lines"] = folder / old_file.relative_to(home.landing / "native")
    rows = {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        midnight = datetime.combine(DAY, datetime.min.time())
        _set(connection, day=midnight, lines=lines, old_file=str(old_file))
        connection.execute((SQL / "day" / "1_pick.sql").read_text())
        for name, path in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            select = (SQL / "day" / f"{name}.sql").read_text()
            written = connection.execute(f"copy ({select}) to '{path}'").fetchone()
            rows[name] = int(written[0]) if written else 0
    return Change(folder, rows)


def copy_home(home: Home, to: Path) -> Home:
    """Copy what models need: both databases, the key of the pseudonyms and dbt's manifest."""
    shutil.rmtree(to, ignore_errors=True)
    copy = Home(to).create()
    for path in (home.warehouse, home.root / "customer.key"):
        shutil.copy2(path, copy.root / path.name)
    marts = home.published if home.published.exists() else home.marts_next
    if marts.exists():
        shutil.copyfile(marts, copy.marts_next)
    if home.dbt_target.exists():
        shutil.copytree(home.dbt_target, copy.dbt_target)
    return copy


def copy_whole(home: Home, to: Path, *, with_landing: bool) -> Home:
    """Copy all that a run needs; without a landing it has no files to look at."""
    shutil.rmtree(to, ignore_errors=True)
    left_out = shutil.ignore_patterns("evidence", *([] if with_landing else ["landing"]))
    shutil.copytree(home.root, to, ignore=left_out)
    return Home(to)


def multiply(home: Home, times: int) -> None:
    """Let what a home has loaded happen several times, each time further in the past.

    Every copy has ids of its own and lies as far back as the history is long, so that the days
    before the measured one stay as they are. The rows lie in the order in which they came.
    """
    with duckdb.connect(str(home.warehouse)) as connection:
        span = connection.execute("select max(dt) - min(dt) + 31 from raw.deliveries").fetchone()
        deliveries = connection.execute("select max(delivery_id) from raw.deliveries").fetchone()
        if not span or not deliveries:
            return
        tables = {"deliveries": "dt", "customer_pseudonyms": ""}
        tables |= dict.fromkeys(load_contract(), "")
        for table in tables:
            columns = connection.execute(f"from (describe raw.{table})").fetchall()
            copied = ", ".join(
                _earlier(str(name), str(kind), int(span[0]), int(deliveries[0]))
                for name, kind, *_ in columns
            )
            connection.execute(f"create temp table originals as from raw.{table}")
            connection.execute(f"truncate raw.{table}")
            for n in reversed(range(1, times)):
                connection.execute(
                    f"insert into raw.{table} select {copied}"
                    f" from originals as rows cross join (select {n} as n)"
                )
            connection.execute(f"insert into raw.{table} from originals")
            connection.execute("drop table originals")


def _earlier(column: str, kind: str, days: int, deliveries: int) -> str:
    value = f'rows."{column}"'
    if column in ("delivery_id", "_delivery_id"):
        return f"{value} + n * {deliveries}"
    if column in ("customer_key", "path") or (column.endswith("_id") and column != "category_id"):
        return f"n || '-' || {value}" if column != "key_id" else value
    if kind in ("TIMESTAMP", "DATE") and column not in ("loaded_at", "status_at"):
        return f"({value} - to_days((n * {days})::integer))::{kind}"
    return value


def _set(connection: duckdb.DuckDBPyConnection, **variables: object) -> None:
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $1", [value])
