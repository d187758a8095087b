"""dbt's microbatch on the same change: what it costs, and the rows that it then gets wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks import histories, measure
from benchmarks.bases import Bases
from benchmarks.measure import Figure, Taken, ratios
from orchestration.home import Home

PROJECT = Path(__file__).with_name("microbatch")
MODELS = sorted(path.stem for path in (PROJECT / "models").glob("mb_*.sql"))
LOOKBACKS = (60, 3)


def figures(bases: Bases) -> Iterator[Figure]:
    """One day with either lookback, and all of its models as tables, which is right."""
    before = histories.copy_home(bases.loaded, bases.folder / "microbatch")
    _as_before_the_day(before, bases.mark)
    _dbt(before, "--vars", "how: table")
    _as_after_the_day(before)
    right = histories.copy_home(before, bases.folder / "microbatch_right")
    bases.say("microbatch: all models as tables")
    tables = _dbt(right, "--vars", "how: table")
    part = "microbatch"
    yield Figure(part, f"{len(MODELS)} models as tables, whole process", [tables.wall], "s")
    for days in LOOKBACKS:
        bases.say(f"microbatch: {days} days of lookback")
        home = bases.copy(before)
        start, end = histories.DAY - timedelta(days=days), histories.DAY + timedelta(days=1)
        taken = _dbt(home, "--event-time-start", str(start), "--event-time-end", str(end))
        wrong = [float(_wrong_rows(home, right))]
        name = f"{days} days of lookback"
        yield Figure(part, f"{name}, whole process", [taken.wall], "s")
        yield Figure(part, f"{name} / as tables", ratios([taken.wall], [tables.wall]), "x")
        yield Figure(part, f"{name}: rows that are wrong afterwards", wrong, "rows")


def _dbt(home: Home, *arguments: str) -> Taken:
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "run"),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "local"),
        *("--target-path", str(home.root / "microbatch"), "--log-path", str(home.logs)),
    ]
    return measure.process([*command, *arguments], home)


def _as_before_the_day(home: Home, mark: int) -> None:
    """Let only count what counted before the measured day."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table raw.kept as from raw.deliveries")
        connection.execute(
            "update raw.deliveries set status = case when delivery_id in (select delivery_id"
            f" from raw.change_events where event = 'accepted' and change_seq <= {mark})"
            " then 'accepted' else 'rejected' end"
        )


def _as_after_the_day(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update raw.deliveries set status = kept.status from raw.kept"
            " where kept.delivery_id = deliveries.delivery_id"
        )


def _wrong_rows(home: Home, right: Home) -> int:
    """Rows that only one of two homes has, over all models."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{home.warehouse}' as found (read_only)")
        connection.execute(f"attach '{right.warehouse}' as expected (read_only)")
        wrong = 0
        for model in MODELS:
            ours, theirs = (
                f"from {side}.main_microbatch.{model}" for side in ("found", "expected")
            )
            row = connection.execute(
                f"select count(*) from (({ours} except all {theirs})"
                f" union all ({theirs} except all {ours}))"
            ).fetchone()
            wrong += int(row[0]) if row else 0
    return wrong
