"""The demo end to end: what is published is what plain Python reckons from the good rows."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.cells import cell_len
from rich.console import Console

from orchestration import demo
from orchestration.home import PROJECT, Home, UsageError
from orchestration.ingestion.contract import load_contract
from orchestration.lock import LockTimeoutError, writer_lock

EXPECTED: dict[str, Any] = json.loads((PROJECT / "demo" / "expected.json").read_text("utf-8"))
WIDTH = 80
GENERATIONS = {1: "after_wave_1", 2: "after_wave_2"}


class Shown:
    """A finished demo, what it printed, and a connection to all that it made."""

    def __init__(self, home: Home, made: demo.Demo, text: str) -> None:
        self.home, self.made, self.text = home, made, text
        self.connection = duckdb.connect()
        for number in GENERATIONS:
            path = home.generations / f"marts-{number}.duckdb"
            self.connection.execute(f"attach '{path}' as generation_{number} (read_only)")
        self.connection.execute(f"attach '{home.warehouse}' as warehouse (read_only)")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask a generation or the warehouse."""
        return self.connection.execute(query).fetchall()

    def amounts(self, query: str) -> dict[str, str]:
        """Read names and amounts; nothing is left out but amounts of zero."""
        return {name: f"{amount:.2f}" for name, amount in self.rows(query) if amount}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The one real run of the demo."""
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    paper = io.StringIO()
    made = demo.run_demo(home, console=Console(file=paper, width=WIDTH))
    shown = Shown(home, made, paper.getvalue())
    yield shown
    shown.connection.close()


def expected_deliveries(unchanged: bool) -> list[dict[str, Any]]:
    return [one for one in EXPECTED["deliveries"] if (one["status"] == "unchanged") == unchanged]


def test_every_delivery_gets_its_expected_status_and_counts(shown: Shown) -> None:
    found = shown.rows(
        "select path, status, coalesce(rows_read, 0), coalesce(rows_accepted, 0),"
        " coalesce(rows_quarantined, 0) from generation_2.meta.deliveries"
    )
    names = ("path", "status", "rows_read", "rows_accepted", "rows_quarantined")
    assert sorted(found) == sorted(
        tuple(one[name] for name in names) for one in expected_deliveries(unchanged=False)
    )


def test_what_is_held_or_rejected_says_why(shown: Shown) -> None:
    reasons = dict(
        shown.rows(
            "select path, status_reason from generation_2.meta.deliveries"
            " where status in ('held', 'rejected')"
        )
    )
    wanted = {one["path"]: one["reason"] for one in EXPECTED["deliveries"] if one["reason"]}
    assert reasons.keys() == wanted.keys()
    assert [path for path in wanted if wanted[path] not in reasons[path]] == []


def test_the_same_file_delivered_again_is_no_new_delivery(shown: Shown) -> None:
    for one in expected_deliveries(unchanged=True):
        found = shown.rows(
            f"select count(*) from generation_2.meta.deliveries where path = '{one['path']}'"
        )
        assert found == [(1,)]
    second_wave = [one for one in expected_deliveries(unchanged=False) if one["wave"] == 2]
    ingested = shown.made.runs[-1].ingested
    assert sum(ingested[name] for name in ("loaded", "held", "rejected")) == len(second_wave)


def test_every_broken_row_is_quarantined_with_its_column_and_reason(shown: Shown) -> None:
    found = shown.rows(
        "select path, row_number, column_name, reason from warehouse.raw.quarantine"
        " order by path, row_number"
    )
    wanted = EXPECTED["quarantine"]
    assert [row[:3] for row in found] == [
        (one["path"], one["row_number"], one["column_name"]) for one in wanted
    ]
    for row, one in zip(found, wanted, strict=True):
        assert one["reason"] in row[3]


@pytest.mark.parametrize("number", GENERATIONS)
def test_gmv_is_what_plain_python_reckons(shown: Shown, number: int) -> None:
    expected, marts = EXPECTED[GENERATIONS[number]], f"generation_{number}"
    assert expected["gmv_by_day"] == shown.amounts(
        f"select business_date::varchar, gmv_amount from {marts}.sales.agg_sales_daily"
    )
    assert expected["gmv_by_session"] == shown.amounts(
        f"select session_id, gmv_amount from {marts}.livestream.fct_livestream_sessions"
    )
    for day, by_category in expected["gmv_by_day_and_category"].items():
        assert by_category == shown.amounts(
            f"select category_id, sum(gmv_amount) from {marts}.sales.agg_gmv_daily"
            f" where business_date = '{day}' group by all"
        )


@pytest.mark.parametrize("number", GENERATIONS)
def test_refunds_are_what_plain_python_reckons(shown: Shown, number: int) -> None:
    expected, marts = EXPECTED[GENERATIONS[number]], f"generation_{number}"
    for table, column in (("sales.agg_sales_daily", "business_date"), ("core.fct_refunds", None)):
        amount = "refunded_amount" if column else "refund_amount"
        query = f"select {column or 'refunded_date'}::varchar, sum({amount}) from {marts}.{table}"
        assert expected["refunded_by_day"] == shown.amounts(f"{query} group by all")


@pytest.mark.parametrize("number", GENERATIONS)
def test_orders_lines_and_claims_are_all_there_once(shown: Shown, number: int) -> None:
    expected, marts = EXPECTED[GENERATIONS[number]], f"generation_{number}.core"
    for name in ("orders", "order_lines", "claims"):
        assert shown.rows(f"select count(*) from {marts}.fct_{name}") == [(expected[name],)]


def test_the_claim_waits_for_its_order_and_then_comes(shown: Shown) -> None:
    claim = EXPECTED["cases"]["claims"]["claim before its order"]
    counts = [
        shown.rows(
            f"select count(*) from generation_{number}.core.fct_claims where claim_id = '{claim}'"
        )
        for number in GENERATIONS
    ]
    assert counts == [[(0,)], [(1,)]]
    for facts, name in ((shown.made.before, "after_wave_1"), (shown.made.facts, "after_wave_2")):
        expected = EXPECTED[name]
        assert facts["waiting"] == [
            {"claims": expected["waiting_claims"], "order_lines": expected["waiting_order_lines"]}
        ]


def test_the_durian_case_is_found_with_its_times(shown: Shown) -> None:
    case, hour = shown.made.facts["cases"][0], 3600
    assert case["claim"] == EXPECTED["cases"]["claims"]["durian"]
    assert (case["code"], case["paid"], case["refunded"]) == ("R6", Decimal(368), Decimal(368))
    assert case["eligible"] is True
    assert 4 * hour < case["after_receipt"] < 5 * hour
    assert case["approve"] < 5 * hour
    refunded = case["applied"] + timedelta(seconds=case["refund"])
    assert refunded.date() == case["applied"].date()


def test_the_beauty_case_is_found_with_its_times(shown: Shown) -> None:
    case = shown.made.facts["cases"][1]
    assert case["claim"] == EXPECTED["cases"]["claims"]["beauty"]
    assert (case["code"], case["paid"], case["refunded"]) == ("R7", Decimal(1490), Decimal(1490))
    assert case["eligible"] is True
    assert case["after_receipt"] // 86400 == 29
    assert case["approve"] <= 180
    assert case["return_to_refund"] > 0
    assert case["refund"] > case["approve"]


def test_only_the_file_sent_twice_is_warned_about(shown: Shown) -> None:
    failed = [audit["rule"] for record in shown.made.runs for audit in record.audits]
    assert failed == ["no other file of the feed has the same content"]


def test_no_table_is_wider_than_a_narrow_terminal(shown: Shown) -> None:
    tables, _, commands = shown.text.partition("The published file")
    lines = [line.rstrip() for line in tables.splitlines()]
    assert [line for line in lines if cell_len(line) > WIDTH or "…" in line] == []
    assert str(shown.home.published) in commands
    for word in ("Deliveries", "Quarantined", "GMV", "sessions", "two cases", "Audits", "anxin ui"):
        assert word in shown.text


def test_nothing_about_a_person_is_printed(shown: Shown) -> None:
    texts = shown.text + demo.as_json(shown.home, shown.made)
    assert re.findall(r"(?:name|phone|address)-\d+", texts) == []
    assert "姓名" not in texts


def test_all_people_are_synthetic(shown: Shown) -> None:
    for entity in load_contract().values():
        for column in (column.name for column in entity.columns if column.personal):
            real = shown.rows(
                f"select count(*) from warehouse.raw.{entity.name} where not regexp_full_match("
                rf"{column}, '(name|phone|address)-\d{{6}}')"
            )
            assert real == [(0,)], f"{entity.name}.{column}"


def test_the_json_holds_the_same_facts(shown: Shown) -> None:
    found = json.loads(demo.as_json(shown.home, shown.made))
    assert found["published"] == str(shown.home.published)
    assert [run["outcome"] for run in found["runs"]] == ["published"] * 2
    assert found["cases"][0]["refunded"] == "368.00"


def test_a_home_with_other_data_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    file = home.landing / "native" / "orders" / "dt=2021-08-01" / "orders.csv"
    file.parent.mkdir(parents=True)
    file.write_text("order_id\n")
    with pytest.raises(UsageError, match="data that the demo did not make"):
        demo.prepare(home)
    assert file.exists()


def test_a_demo_home_that_got_other_files_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    demo.prepare(home)
    demo.deliver(home, "landing")
    strange = home.landing / "native" / "orders" / "dt=2021-08-01" / "mine.csv"
    strange.write_text("order_id\n")
    with pytest.raises(UsageError, match=r"mine\.csv"):
        demo.prepare(home)
    assert strange.exists()


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    home = Home(tmp_path)
    demo.prepare(home)
    demo.deliver(home, "landing")
    home.warehouse.write_text("an old warehouse")
    demo.prepare(home)
    assert not home.warehouse.exists()
    assert list(home.landing.iterdir()) == []


def test_a_home_that_someone_writes_to_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    demo.prepare(home)
    home.warehouse.write_text("at work")
    with writer_lock(home, "run"), pytest.raises(LockTimeoutError):
        demo.prepare(home)
    assert home.warehouse.exists()
