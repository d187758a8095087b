"""The check against a right warehouse, and against the same one with one thing wrong."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from orchestration.check_answers import Compared, Difference, compare, found_faults, show
from orchestration.check_answers.comparisons import COMPARISONS, Comparison
from orchestration.check_answers.report import Report
from orchestration.home import Home, UsageError
from tests.simulator.tiny import tiny_key

SQL = Path(__file__).with_name("tiny_marts.sql")
WITHOUT_ROWS = {"session_tiers"}
"""Answers of which the tiny platform has none: no session of it reaches a tier."""
PLAIN = [entry for entry in COMPARISONS if not entry.found and entry.answer not in WITHOUT_ROWS]
PLUS = "coalesce({0}, 0) + 1"
CHANGED = {
    "BOOLEAN": "not coalesce({0}, false)",
    "DATE": "coalesce({0}, date '2021-01-01') + 1",
    "TIMESTAMP": "coalesce({0}, timestamp '2021-01-01 00:00:00') + interval 1 second",
    "VARCHAR": "coalesce({0}, '') || ' else'",
}


@dataclass(frozen=True)
class Warehouse:
    """A published file and the key that it is compared with."""

    published: Path
    answers: Path

    def changed(self, folder: Path, *statements: str) -> Warehouse:
        """Return a copy in which something is wrong."""
        copy = folder / "marts.duckdb"
        shutil.copyfile(self.published, copy)
        with duckdb.connect() as connection:
            connection.execute(f"attach '{copy}' as marts")
            for statement in statements:
                connection.execute(statement)
        return replace(self, published=copy)

    def differences(self, *entries: Comparison) -> list[Difference]:
        compared = compare(self.published, self.answers, entries or COMPARISONS)
        return [difference for entry in compared for difference in entry.listed]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("right")
    connection = tiny_key(folder / "answers")
    connection.execute(f"attach '{folder / 'marts.duckdb'}' as marts")
    connection.execute(SQL.read_text(encoding="utf-8").replace("{answers}", f"{folder}/answers"))
    connection.close()
    return Warehouse(folder / "marts.duckdb", folder / "answers")


def _literal(value: object) -> str:
    return "null" if value is None else f"'{value}'"


def names(entry: Comparison) -> str:
    return f"{entry.answer} in {entry.mart}"


def test_right_warehouse_has_no_difference(right: Warehouse) -> None:
    compared = {entry.answer: entry for entry in compare(right.published, right.answers)}
    assert right.differences() == []
    assert not any(entry.differences for entry in compared.values())
    assert compared["orders"].rows == 13
    assert compared["orders"].values == 13 * 14


def test_answers_without_a_mart_are_no_success(right: Warehouse) -> None:
    compared = {entry.answer: entry for entry in compare(right.published, right.answers)}
    faults = compared["planted_faults"]
    assert (faults.mart, faults.values) == (None, 0)


@pytest.mark.parametrize("entry", PLAIN, ids=names)
def test_each_value_is_compared(entry: Comparison, right: Warehouse, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{right.published}' as marts (read_only)")
        described = connection.execute(f"describe marts.{entry.mart}").fetchall()
        keys = ", ".join(entry.keys)
        key = connection.execute(f"select {keys} from marts.{entry.mart} limit 1").fetchall()[0]
    types = {name: kind for name, kind, *_ in described}
    columns = (*entry.values, *entry.close)
    changes = ", ".join(
        f"{name} = {CHANGED.get(types[name], PLUS).format(name)}" for name in columns
    )
    named = " and ".join(
        f"{name} is not distinct from {_literal(value)}"
        for name, value in zip(entry.keys, key, strict=True)
    )
    wrong = right.changed(tmp_path, f"update marts.{entry.mart} set {changes} where {named}")
    found = wrong.differences(entry)
    assert {difference.column for difference in found} == set(columns)
    assert {tuple(difference.key.values()) for difference in found} == {key}
    assert all(difference.expected != difference.found for difference in found)


@pytest.mark.parametrize("entry", PLAIN, ids=names)
def test_missing_extra_and_repeated_rows_are_noticed(
    entry: Comparison, right: Warehouse, tmp_path: Path
) -> None:
    mart = f"marts.{entry.mart}"
    first = f"rowid = (select min(rowid) from {mart})"
    lacking = right.changed(tmp_path, f"delete from {mart} where {first}").differences(entry)
    assert [(d.column, d.expected, d.found) for d in lacking] == [("row", "a row", None)]

    twice = right.changed(tmp_path, f"insert into {mart} from {mart} where {first}")
    repeated = twice.differences(entry)
    assert [(d.column, d.expected, d.found) for d in repeated] == [("row", "once", "2 times")]
    assert repeated[0].key == lacking[0].key

    key = entry.keys[0]
    value = "date '1999-01-01'" if key == "business_date" else "'other'"
    added = right.changed(
        tmp_path,
        f"insert into {mart} select * replace ({value} as {key}) from {mart} where {first}",
    )
    extra = added.differences(entry)
    assert [(d.column, d.expected, d.found) for d in extra] == [("row", None, "a row")]
    assert str(extra[0].key[key]) in ("other", "1999-01-01")


DERIVED = {
    "a claim's window": (
        "update marts.core.fct_claims set is_eligible = true"
        " where claim_id = '3000000000000000003'",
        ("claims", "is_eligible"),
    ),
    "a claim too few": (
        "delete from marts.core.fct_claims where claim_id = '3000000000000000003'",
        ("claims", "row"),
    ),
    "an order of another customer": (
        "update marts.core.fct_orders set customer_key = 'x'"
        " where order_id = '1000000000000000001'",
        ("buyers", "row"),
    ),
    "a customer's year of birth": (
        "update marts.core.dim_customers set birth_year = 1997 where birth_year = 1996",
        ("buyers", "birth_year"),
    ),
    "a customer too many": (
        "insert into marts.core.dim_customers select * replace ('x' as customer_key)"
        " from marts.core.dim_customers where birth_year = 1996",
        ("customer_groups", "customer_count"),
    ),
    "a product too few": (
        "delete from marts.core.dim_products where product_id = '4000000000000000001'",
        ("dimension_counts", "thing_count"),
    ),
    "a delivery's status": (
        "update marts.meta.deliveries set status = 'held' where status = 'accepted'",
        ("deliveries", "status"),
    ),
    "a quarantined row too many": (
        "update marts.meta.deliveries set rows_quarantined = 2 where rows_quarantined = 1",
        ("deliveries", "rows_quarantined"),
    ),
    "a delivery too many": (
        "insert into marts.meta.deliveries select * replace ('native/x' as path)"
        " from marts.meta.deliveries where status = 'rejected'",
        ("deliveries", "row"),
    ),
    "a tier that was not reached": (
        "insert into marts.livestream.agg_session_tiers by name"
        " select 'C618_2021' as period_id, 'over_10m' as session_tier, 150 as room_count",
        ("session_tiers", "row"),
    ),
    "a claim served on another day": (
        "update marts.claims.agg_claims_daily set served_count = 2 where right_code = 'R7'",
        ("claims_served", "served_count"),
    ),
    "a claim too many": (
        "update marts.claims.agg_claims_daily set applied_count = applied_count + 1",
        ("claims_applied", "applied_count"),
    ),
    "a zone of a month": (
        "update marts.claims.agg_return_rates_monthly set return_zone = 'green'",
        ("return_rates", "return_zone"),
    ),
    "a posting too few": (
        "delete from marts.finance.fct_ledger_postings where event_type = 'bill_paid'"
        " and account = 'channel_accounts' and payer = 'merchant'",
        ("ledger_events", "row"),
    ),
    "a posting of another payer": (
        "update marts.finance.fct_ledger_postings set payer = 'platform'"
        " where event_type = 'refund_paid'",
        ("ledger_events", "row"),
    ),
    "a line that paid and is not known": (
        "update marts.finance.fct_refund_reconciliation set billed_amount = 0",
        ("refund_chains", "billed_amount"),
    ),
    "a mart that is not there": ("drop table marts.core.fct_refunds", ("refunds", "row")),
}


@pytest.mark.parametrize("name", DERIVED)
def test_wrong_warehouse_is_noticed(name: str, right: Warehouse, tmp_path: Path) -> None:
    statement, expected = DERIVED[name]
    entries = [entry for entry in COMPARISONS if entry.answer == expected[0]]
    found = right.changed(tmp_path, statement).differences(*entries)
    assert expected in {(difference.answer, difference.column) for difference in found}


def test_doubles_may_differ_in_their_last_bits_only(right: Warehouse, tmp_path: Path) -> None:
    update = "update marts.livestream.fct_livestream_sessions set gpm = gpm * (1 + {})"
    sessions = [entry for entry in COMPARISONS if entry.answer == "sessions"]
    assert right.changed(tmp_path, update.format("1e-14")).differences(*sessions) == []
    assert len(right.changed(tmp_path, update.format("1e-11")).differences(*sessions)) == 1


def test_differences_are_counted_beyond_those_that_are_listed(
    right: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.check_answers.comparing.LISTED", 2)
    wrong = right.changed(tmp_path, "update marts.core.fct_orders set pay_amount = -1")
    entries = [entry for entry in COMPARISONS if entry.answer == "orders"]
    compared = compare(wrong.published, wrong.answers, entries)
    orders = {entry.answer: entry for entry in compared}["orders"]
    assert (orders.differences, len(orders.listed)) == (13, 2)


def test_folder_without_answers_is_refused(right: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no answers"):
        compare(right.published, tmp_path)
    with pytest.raises(UsageError, match="nothing is published"):
        compare(tmp_path / "marts.duckdb", right.answers)


def home_with(
    folder: Path, right: Warehouse, *quarantined: int, rejected: str = "rejected"
) -> Home:
    """Make the files that tell what a warehouse has noticed."""
    home = Home(folder).create()
    shutil.copyfile(right.published, home.published)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.published}' as marts")
        connection.execute(f"attach '{home.warehouse}' as warehouse")
        connection.execute(
            "create table marts.meta.waiting (entity varchar, waits_for varchar, row_count bigint)"
        )
        connection.execute("create schema warehouse.raw")
        connection.execute(
            "create table warehouse.raw.deliveries as select * replace ("
            f"if(status = 'rejected', '{rejected}', status) as status) from marts.meta.deliveries"
        )
        connection.execute(
            "create table warehouse.raw.quarantine as"
            " select 0::bigint as delivery_id, unnest($1::bigint[]) as row_number",
            [list(quarantined)],
        )
        deliveries = connection.execute(
            "select feed, max(delivery_id) from warehouse.raw.deliveries group by feed"
        ).fetchall()
        delivery = dict(deliveries)
        connection.execute(
            "update warehouse.raw.quarantine set delivery_id = $1", [delivery["orders"]]
        )
    record = {
        "audits": [
            {
                "delivery_id": delivery["fees"],
                "severity": "warning",
                "column": "repeats",
                "rule": "no row repeats",
                "unexpected_count": 1,
                "sample": [{"_row_number": 7}],
            }
        ]
    }
    (home.logs / "runs").mkdir(parents=True, exist_ok=True)
    (home.logs / "runs" / "1.json").write_text(json.dumps(record), encoding="utf-8")
    return home


def test_planted_faults_are_joined_with_what_was_noticed(right: Warehouse, tmp_path: Path) -> None:
    faults, alarms = found_faults(home_with(tmp_path, right, 4), right.answers)
    assert [(f.kind, f.planted, f.found, f.missed) for f in faults] == [
        ("contract_break", 1, 1, []),
        ("truncated", 1, 1, []),
        ("over_refund", 1, 1, []),
    ]
    assert [(alarm.found_by, alarm.rows) for alarm in alarms] == [("audit:no row repeats", 1)]


def test_missed_faults_and_false_alarms_are_named(right: Warehouse, tmp_path: Path) -> None:
    home = home_with(tmp_path, right, 5, 6, rejected="accepted")
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update finance.fct_reconciliation_breaks set break_amount = 2")
    faults, alarms = found_faults(home, right.answers)
    missed = {fault.kind: fault.missed for fault in faults}
    assert [m["row"] for m in missed["contract_break"]] == [4]
    assert [m["path"] for m in missed["truncated"]] == ["native/claims/dt=2021-08-31/cut.csv"]
    assert missed["over_refund"] == [{"refund order": "9000000000000000001"}]
    assert ("quarantine", 1) in {(alarm.found_by, alarm.rows) for alarm in alarms}


def test_report_names_answers_keys_and_values() -> None:
    difference = Difference("orders", {"order_id": "7"}, "pay_amount", 1, 2)
    report = Report(
        [Compared("orders", "core.fct_orders", 3, 6, 1, [difference]), Compared("growth", None, 9)],
        [],
        [],
        False,
    )
    out = Console(file=io.StringIO(), width=200)
    show(report, out)
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert "orders: order_id 7: pay_amount: expected 1, found 2" in text
    assert "Answers that no mart shows yet, not compared: growth" in text
    assert "6 values of 1 answers compared: 1 differences" in text
