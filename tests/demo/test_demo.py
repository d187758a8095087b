"""The demo end to end: a small simulated platform, delivered in waves, against its answer key."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.cells import cell_len
from rich.console import Console

from orchestration import check_answers, demo
from orchestration.home import Home, UsageError
from orchestration.ingestion.contract import load_contract
from orchestration.lock import LockTimeoutError, writer_lock
from simulator.parameters import Parameters

pytestmark = pytest.mark.whole

WIDTH = 80
INVENTED = (r"(?:name|contact|creator)-\d+", r"10\d{9}", r".+ street \d+ no\. \d+")
"""What all personal values look like; no telephone number begins with 10."""
PLATFORM = Parameters(lines=2_000, seed=3, from_date=date(2021, 5, 1), days=3)


class Shown:
    """A finished demo, what it printed, and a connection to the warehouse."""

    def __init__(self, home: Home, made: demo.Demo, text: str) -> None:
        self.home, self.made, self.text = home, made, text
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{home.warehouse}' as warehouse (read_only)")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The one real run of the demo."""
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    paper = io.StringIO()
    made = demo.run_demo(home, PLATFORM, console=Console(file=paper, width=WIDTH))
    shown = Shown(home, made, paper.getvalue())
    yield shown
    shown.connection.close()


def test_every_published_mart_equals_the_answer_key(shown: Shown) -> None:
    check = shown.made.check
    assert check is not None
    assert check.is_right
    marts = {entry.mart for entry in check.compared if entry.values}
    assert {"core.fct_order_lines", "sales.agg_gmv_daily", "core.fct_claims"} <= marts
    assert not [entry for entry in check.compared if entry.differences]


def test_every_planted_fault_is_found_and_nothing_else_is_reported(shown: Shown) -> None:
    check = shown.made.check
    assert check is not None
    assert check.faults
    assert not [fault for fault in check.faults if fault.missed]
    assert check.alarms == []


IDENTITIES = {
    "claims approved = paid + in transit + breaks": """
        select approved_date, payer, pay_channel, currency_code, sum(approved_amount) as due,
            sum(paid_amount + in_transit_amount + coalesce(lacking_amount, 0)) as found,
        from marts.finance.fct_refund_reconciliation
        left join (
            select chain_id, sum(break_amount) as lacking_amount
            from marts.finance.fct_reconciliation_breaks
            where is_open and break_class in ('MISSING_PAYOUT', 'FAILED_RETURNED')
            group by chain_id
        ) using (chain_id)
        where is_entitled
        group by all""",
    "bills = matched + orphan": """
        with numbers as (
            select refund_order_id, payer from warehouse.intermediate.int_refund_orders_current
        ),
        lines as (
            select bill_line_id, arg_max(delivered, updated_at) as line
            from warehouse.raw.channel_bill_lines as delivered
            semi join warehouse.raw.deliveries as deliveries
                on _delivery_id = delivery_id and status = 'accepted'
            group by bill_line_id
        ),
        matched as (
            select bill_line_id, sum(matched_amount) as amount
            from warehouse.intermediate.int_bill_lines_matched
            group by bill_line_id
        )
        select line.bill_date, payer, line.pay_channel, line.currency_code,
            (sum(line.amount) * 0.01::decimal(3, 2))::decimal(18, 2) as due,
            sum(coalesce(matched.amount, 0)) as found,
        from lines
        left join numbers on line.refund_order_id = numbers.refund_order_id
        left join matched on lines.bill_line_id = matched.bill_line_id
        group by all""",
    "ledger = 0": """
        select posted_date, payer, pay_channel, currency_code, sum(amount) as due, 0 as found,
        from marts.finance.fct_ledger_postings
        group by all""",
}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_every_fen_of_every_day_payer_and_channel_is_accounted_for(
    shown: Shown, identity: str
) -> None:
    with duckdb.connect() as connection:
        for name, file in (("warehouse", shown.home.warehouse), ("marts", shown.home.published)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        groups = connection.execute(IDENTITIES[identity]).fetchall()
    assert len(groups) > 50
    assert [group for group in groups if group[-2] != group[-1]] == []


def test_a_wave_brings_what_has_arrived_by_then(shown: Shown) -> None:
    waves = demo.waves(shown.home, PLATFORM)
    assert len(waves) == 1 + PLATFORM.days
    dates = [{file.parent.name.removeprefix("dt=") for file in wave.files} for wave in waves]
    assert max(dates[0]) < PLATFORM.first_daily_date.isoformat()
    assert dates[1] == {PLATFORM.first_daily_date.isoformat()}
    stages = [{file.parts[-5] for file in wave.files} for wave in waves]
    assert "earlier" in set.union(*stages[:-1])
    assert stages[-1] == {"landing"}
    corrected = {file.parts[-4:] for wave in waves[:-1] for file in wave.files}
    first = f"dt={PLATFORM.first_daily_date}"
    late = [file for file in waves[-1].files if file.parts[-4:] not in corrected]
    assert len([file for file in late if file.parent.name == first]) == 1


def test_corrections_change_what_was_published_before(shown: Shown) -> None:
    before = {row["day"]: row["gmv"] for row in shown.made.before["days"]}
    after = {row["day"]: row["gmv"] for row in shown.made.facts["days"]}
    assert PLATFORM.to_date not in before
    assert PLATFORM.to_date in after


def test_the_published_marts_differ_from_another_key(shown: Shown, tmp_path: Path) -> None:
    """The comparison is one that can fail: one more fen in the key is noticed."""
    answers = tmp_path / "answers"
    answers.mkdir()
    for file in (demo.simulation(shown.home) / "answers").iterdir():
        (answers / file.name).write_bytes(file.read_bytes())
    file = answers / "sales_daily.parquet"
    changed = tmp_path / "changed.parquet"
    shown.connection.execute(
        f"copy (select * replace ((gmv_amount + 0.01)::decimal(18, 2) as gmv_amount)"
        f" from '{file}') to '{changed}'"
    )
    changed.replace(file)
    report = check_answers.check(shown.home, answers)
    assert not report.is_right
    assert {difference.answer for difference in report.differences} == {"sales_daily"}


def test_the_durian_case_is_found_with_its_times(shown: Shown) -> None:
    case, hour = shown.made.facts["cases"][0], 3600
    assert (case["code"], case["paid"], case["refunded"]) == ("R6", Decimal(368), Decimal(368))
    assert case["eligible"] is True
    assert 4 * hour <= case["after_receipt"] < 5 * hour
    assert case["approve"] < 5 * hour
    refunded = case["applied"] + timedelta(seconds=case["refund"])
    assert refunded.date() == case["applied"].date()


def test_the_beauty_case_is_found_with_its_times(shown: Shown) -> None:
    case = shown.made.facts["cases"][1]
    assert (case["code"], case["paid"], case["refunded"]) == ("R7", Decimal(1490), Decimal(1490))
    assert case["eligible"] is True
    assert case["after_receipt"] // 86400 == 29
    assert case["approve"] <= 180
    assert case["return_to_refund"] > 0
    assert case["refund"] > case["approve"]


def test_no_table_is_wider_than_a_narrow_terminal(shown: Shown) -> None:
    tables, _, commands = shown.text.partition("The published file")
    lines = [line.rstrip() for line in tables.splitlines()]
    assert [line for line in lines if cell_len(line) > WIDTH or "…" in line] == []
    assert str(shown.home.published) in commands
    for word in ("Simulated", "articles", "Quarantined", "GMV", "two cases", "equal", "anxin ui"):
        assert word in shown.text


def test_nothing_about_a_person_is_printed(shown: Shown) -> None:
    texts = shown.text + demo.as_json(shown.home, shown.made)
    assert re.findall(rf"(?<![\w-])(?:{'|'.join(INVENTED)})(?!\w)", texts) == []


def test_all_people_are_synthetic(shown: Shown) -> None:
    for entity in load_contract().values():
        for column in (column.name for column in entity.columns if column.personal):
            real = shown.rows(
                f"select count(*) from warehouse.raw.{entity.name} where not regexp_full_match("
                f"{column}, '{'|'.join(INVENTED)}')"
            )
            assert real == [(0,)], f"{entity.name}.{column}"


def test_the_json_holds_the_same_facts(shown: Shown) -> None:
    found = json.loads(demo.as_json(shown.home, shown.made))
    assert found["published"] == str(shown.home.published)
    assert [run["outcome"] for run in found["runs"]] == ["published"] * (1 + PLATFORM.days)
    assert found["cases"][0]["refunded"] == "368.00"
    assert found["check"]["is_right"] is True


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
    strange = home.landing / "native" / "orders" / "dt=2021-08-01" / "mine.csv"
    strange.parent.mkdir(parents=True)
    strange.write_text("order_id\n")
    with pytest.raises(UsageError, match=r"mine\.csv"):
        demo.prepare(home)
    assert strange.exists()


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    home = Home(tmp_path)
    demo.prepare(home)
    place = Path("native") / "orders" / "dt=2021-08-01" / "orders.csv"
    for folder in (demo.simulation(home) / "landing", home.landing):
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_text("order_id\n")
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
