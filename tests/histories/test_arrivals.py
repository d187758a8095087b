"""One month of refunds in any order of arrival, in other files and twice: the same reconciliation.

Every other order of arrival also runs the models half-way. A soak tries 200 more, and lives through
some in whole runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration import pipeline
from orchestration.home import Home
from orchestration.ingestion.landing import deliver
from simulator import money, world
from simulator.delivery import Faults
from simulator.parameters import BEGINNING, Parameters, utc

from .conftest import Recorded
from .loading import ENTITIES, File, as_arrow
from .recording import Recording
from .rows import Row
from .world import World

pytestmark = pytest.mark.whole

ARRIVALS, SOAK, PART = 10, 200, 20
"""Orders of arrival of a usual test and of a soak, and how many one test of the soak tries."""
WHOLE_ARRIVALS, RUNS = 10, 3
"""Orders of arrival that are lived through in whole runs, and how many runs each of them takes."""
PARAMETERS = Parameters(
    lines=400, seed=3, from_date=date(2021, 6, 10), to_date=date(2021, 7, 31), is_clean=True
)
FEEDS = (
    *("orders", "order_lines", "claims"),
    *("refund_orders", "channel_bill_lines", "fund_flows"),
)
WINDOWS = (date(2021, 6, 30), date(2021, 7, 10), date(2021, 7, 20), date(2021, 7, 31))
"""Last dates of what comes in one file per feed."""
DEBITS_IN_PARTS = 5
FACTS = ("fct_refund_reconciliation", "fct_reconciliation_breaks", "fct_ledger_postings")

_USED_TWICE = """
select bill_line_id
from intermediate.int_bill_lines_matched
group by bill_line_id
having sum(matched_amount) <> any_value(amount) or count(*) <> any_value(refund_order_count)
union all
select refund_order_id || bill_line_id
from intermediate.int_bill_lines_matched
group by refund_order_id, bill_line_id
having count(*) > 1
"""
_POSTINGS = """
select posting_id, amount, posted_date, break_class from marts.finance.fct_ledger_postings
order by all
"""


@cache
def month() -> tuple[File, ...]:
    """All that a small platform delivers, in files of a feed and a stretch of time each."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 1")
        world.make_world(connection, PARAMETERS)
        money.make_money(connection, PARAMETERS, dict.fromkeys(Faults().breaks, 0.05))
        files = [
            File("native", feed, last, "whole", tuple(rows))
            for feed in FEEDS
            for begin, last in zip((None, *WINDOWS), WINDOWS, strict=False)
            if (rows := _changed(connection, feed, begin, last))
        ]
    return tuple(funded_late_at_once(files))


def funded_late_at_once(files: list[File]) -> list[File]:
    """The files, with some debits late and in two parts of the same second, in two files."""
    names = [column.name for column in ENTITIES["fund_flows"].columns]
    first = next(file for file in files if file.feed == "fund_flows")
    rows = [dict(zip(names, row, strict=True)) for row in first.rows]
    debits = [row for row in rows if row["refund_order_id"] and row["direction"] == 1]
    debits = debits[:DEBITS_IN_PARTS]
    kept = tuple(tuple(row.values()) for row in rows if row not in debits)
    parts = [
        replace(
            first, name=f"part-{part}-of-debits", rows=tuple(_part(row, part) for row in debits)
        )
        for part in (1, 2)
    ]
    return [replace(file, rows=kept) if file is first else file for file in files] + parts


def _part(debit: dict[str, object], part: int) -> Row:
    amount = int(str(debit["amount"]))
    at = utc(date(2021, 7, 15))
    changes = {
        "fund_flow_id": f"{debit['fund_flow_id']}-{part}",
        "amount": amount // 3 if part == 1 else amount - amount // 3,
        "flowed_at": at,
        "updated_at": at,
    }
    return tuple((debit | changes).values())


def _changed(
    connection: duckdb.DuckDBPyConnection, feed: str, begin: date | None, last: date
) -> list[tuple[object, ...]]:
    after = BEGINNING if begin is None else utc(begin + timedelta(days=1))
    state_sql = money.state_sql if feed in money.ENTITIES else world.state_sql
    state = state_sql(feed, after, utc(last + timedelta(days=1)), None)
    columns = ", ".join(column.name for column in ENTITIES[feed].columns)
    return connection.execute(f"select {columns} from ({state})").fetchall()


def arrival(random: Random) -> list[File]:
    """The month's files in some order; some of them in two parts, some twice."""
    files = []
    for file in month():
        if random.random() < 1 / 4:
            cut = random.randint(0, len(file.rows))
            parts = file.rows[:cut], file.rows[cut:]
            files += [
                replace(file, name=f"{file.name}-{number}", rows=rows)
                for number, rows in enumerate(parts)
                if rows
            ]
        else:
            files.append(file)
        if random.random() < 1 / 4:
            files.append(replace(file, name=f"{file.name}-again"))
    return random.sample(files, len(files))


def models_of_refunds(recording: Recording) -> set[str]:
    """The facts of refunds and all that they read."""
    names = set(FACTS)
    for model in reversed(recording.models):
        if model.name in names:
            names |= set(model.inputs)
    return {model.name for model in recording.models if model.name in names}


def reconciled(recording: Recording, files: list[File], *, in_steps: bool) -> World:
    """A warehouse that has read the files and built the facts of refunds."""
    models = models_of_refunds(recording)
    found = World(recording)
    for number, file in enumerate(files):
        found.deliver(file)
        if in_steps and number == len(files) // 2:
            found.run(models)
    found.run(models)
    return found


def digests(ask: Callable[[str], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """What the facts amount to, without the places of their evidence in the files."""
    return [
        ask(
            f"select count(*), bit_xor(hash(rows)), sum(hash(rows)) from ("
            f"select {columns_of(ask, name)} from marts.finance.{name}) as rows"
        )[0]
        for name in FACTS
    ]


def columns_of(ask: Callable[[str], list[tuple[Any, ...]]], name: str) -> str:
    """All columns but those that say where a row came from."""
    columns = [row[0] for row in ask(f"describe marts.finance.{name}")]
    places = ("_file", "_row_number", "_sha256")
    return ", ".join(column for column in columns if not column.endswith(places))


def try_arrivals(recording: Recording, numbers: range) -> tuple[int, ...]:
    """Compare orders of arrival, by number, with the one without any; rows of the facts."""
    right = digests(reconciled(recording, list(month()), in_steps=False).pair.rows)
    for number in numbers:
        files = arrival(Random(number))  # noqa: S311 (data, not a secret)
        found = reconciled(recording, files, in_steps=number % 2 == 1)
        assert digests(found.pair.rows) == right, f"order {number} of arrival"
        assert found.pair.rows(_USED_TWICE) == [], f"order {number} of arrival"
        found.close()
    return tuple(count for count, *_ in right)


def test_the_order_of_arrival_changes_no_reconciliation(recording: Recording) -> None:
    chains, breaks, postings = try_arrivals(recording, range(ARRIVALS))
    assert chains > 20 and breaks > 2 and postings > 200


@pytest.mark.soak
@pytest.mark.parametrize("first", range(ARRIVALS, ARRIVALS + SOAK, PART))
def test_many_orders_of_arrival_change_no_reconciliation(first: int, recording: Recording) -> None:
    try_arrivals(recording, range(first, first + PART))


@pytest.mark.soak
def test_whole_runs_reconcile_alike_in_any_order_of_arrival(
    recorded: Recorded, tmp_path: Path
) -> None:
    """Through the landing, the loader, all models and audits, and several publishes."""
    right = digests(reconciled(recorded.recording, list(month()), in_steps=False).pair.rows)
    for number in range(WHOLE_ARRIVALS):
        home = Home(tmp_path / str(number)).create()
        shutil.copytree(recorded.home.dbt_target, home.dbt_target)
        files = arrival(Random(number))  # noqa: S311 (data, not a secret)
        for run in range(RUNS):
            for file in files[run::RUNS]:
                put(home, file)
            record = pipeline.run(home)
            assert record.outcome == "published" and not record.held, (number, run)
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            connection.execute(f"attach '{home.published}' as marts (read_only)")
            found = digests(lambda sql: connection.execute(sql).fetchall())
            assert found == right, f"order {number} of arrival"
            assert connection.execute(_USED_TWICE).fetchall() == [], f"order {number} of arrival"
        shutil.rmtree(home.root)


def put(home: Home, file: File) -> None:
    """Deliver a file to a home's landing as Parquet."""
    path = home.root / f"{file.name}.parquet"
    pq.write_table(as_arrow(file), path)
    deliver(home, path, file.source, file.feed, str(file.dt))


def test_a_row_that_comes_once_more_as_another_is_noticed(recording: Recording) -> None:
    """The digest would tell: one bill line more is another reconciliation."""
    files = list(month())
    lines = next(file for file in files if file.feed == "channel_bill_lines")
    another = ("another", *lines.rows[0][1:])
    right = digests(reconciled(recording, files, in_steps=False).pair.rows)
    more = File("native", "channel_bill_lines", lines.dt, "more", (another,))
    assert digests(reconciled(recording, [*files, more], in_steps=False).pair.rows) != right


def changed(file: File, position: int, **values: object) -> Row:
    """A later version of a row of a file, with other values."""
    names = [column.name for column in ENTITIES[file.feed].columns]
    later = {"updated_at": datetime(2021, 8, 1), **values}  # noqa: DTZ001 (UTC)
    row = dict(zip(names, file.rows[position], strict=True))
    return tuple((row | later).values())


def test_an_entry_that_changes_its_order_after_a_close_is_corrected_once(
    recording: Recording,
) -> None:
    """What was frozen is found by its entry, whatever order it stands under today.

    Once the month is reopened it holds today's view, which a second close keeps.
    """
    models = models_of_refunds(recording)
    files = list(month())
    found = reconciled(recording, files, in_steps=False)
    found.close_month("2021-06", "closed")
    found.run(models)
    claims = next(file for file in files if file.feed == "claims")
    (moved, _), (other, new) = found.pair.rows(
        "select distinct on (order_id) claim_id, order_id"
        " from marts.finance.fct_refund_reconciliation"
        " where is_entitled and approved_date < '2021-06-30' and refund_order_count = 1"
        " order by order_id, claim_id limit 2"
    )
    places = {row[0]: place for place, row in enumerate(claims.rows)}
    corrected = changed(claims, places[moved], order_id=new, applied_amount=1)
    for name, row in (
        ("moved", corrected),
        ("beside", changed(claims, places[other], applied_amount=1)),
    ):
        found.deliver(File("native", "claims", date(2021, 7, 31), name, (row,)))
        found.run(models)
    late = found.pair.rows(
        "select break_id, count(*), any_value(reconciliation_key) as key"
        f" from marts.finance.fct_reconciliation_breaks where claim_id = '{moved}'"
        " and break_class = 'LATE_CORRECTION' group by all order by all"
    )
    assert late == [
        (f"LATE_CORRECTION {event} {moved} CNY 2021-07", 1, new)
        for event in ("claim_adjusted", "claim_approved")
    ]
    links = found.pair.rows(
        "select distinct event_type, corrects_posting_id = entry_id || ' ' || account"
        " from marts.finance.fct_ledger_postings where break_class = 'LATE_CORRECTION'"
        f" and claim_id = '{moved}' order by all"
    )
    assert links == [("claim_adjusted", None), ("claim_approved", True)]
    found.compare()
    found.close_month("2021-06", "reopened")
    found.run(models)
    todays = found.pair.rows(_POSTINGS)
    assert todays and {row[-1] for row in todays} == {None}
    found.close_month("2021-06", "closed")
    found.run(models)
    assert found.pair.rows(_POSTINGS) == todays
    found.close()


def test_a_payer_that_changes_after_every_close_is_corrected_from_what_stands(
    recording: Recording,
) -> None:
    """Refreshes and a full build name the same postings, the newest of what is reversed."""
    models = models_of_refunds(recording)
    files = list(month())
    found = reconciled(recording, files, in_steps=False)
    refund_orders = next(file for file in files if file.feed == "refund_orders")
    ((paid, first),) = found.pair.rows(
        "select refund_order_id, payer from marts.finance.fct_ledger_postings"
        " where event_type = 'refund_paid' and event_date <= '2021-06-30' and amount > 0"
        " and payer = 'merchant' order by all limit 1"
    )
    place = next(n for n, row in enumerate(refund_orders.rows) if row[0] == paid)
    payers = ("platform", "insurer", first, "platform")
    months = ("2021-06", "2021-07", "2021-08", "2021-09")
    for day, (closing, payer) in enumerate(zip(months, payers, strict=True), 1):
        found.close_month(closing, "closed")
        found.run(models)
        row = changed(refund_orders, place, payer=payer, updated_at=utc(date(2021, 8, day)))
        found.deliver(File("native", "refund_orders", date(2021, 8, day), payer, (row,)))
        found.run(models)
    entry = f"refund_paid {paid}"
    links = found.pair.rows(
        "select period, payer, amount > 0, posting_id, corrects_posting_id"
        f" from marts.finance.fct_ledger_postings where entry_id = '{entry}'"
        " and account = 'refunds_in_process' and break_class = 'LATE_CORRECTION'"
        " order by period, posting_id desc"
    )
    standing, expected = (first, f"{entry} refunds_in_process"), []
    for period, payer in zip((*months[1:], "2021-10"), payers, strict=True):
        posting = f"{entry} refunds_in_process in {period}"
        reversal = f"{entry} refunds_in_process reversed in {period}"
        expected += [
            (period, standing[0], False, reversal, standing[1]),
            (period, payer, True, posting, standing[1]),
        ]
        standing = payer, posting
    assert links == expected
    found.compare()
    found.close()
