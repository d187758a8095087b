"""A closed July stays byte for byte what it was; August explains what July would be today."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration import closing
from orchestration.closing import Month, Who, report
from orchestration.closing.objections import objections
from orchestration.home import AnxinError, UsageError
from orchestration.lock import writer_lock

from .conftest import AUGUST, FORCED, JULY, Story, hashes

pytestmark = pytest.mark.whole

AFTER = ("published", "late data", "rolled back", "rebuilt by other code")
OBJECTIONS = [
    "1 open MISSING_PAYOUT of 10.00 CNY",
    "wechat_pay/trade_bill_all lacks 2021-07-01, 2021-07-02, 2021-07-03, 2021-07-04, 2021-07-05"
    " and 15 more",
]


@pytest.mark.parametrize("step", AFTER)
def test_the_closed_report_is_byte_identical(sequel: Story, step: str) -> None:
    closed = sequel.reports["closed"]
    assert sequel.reports[step] == closed
    assert {"reconcile-2021-07.xlsx", "summary.csv", "control_totals.csv"} < closed.keys()


def test_the_open_report_is_another_one(story: Story) -> None:
    open_, closed = story.reports["open"], story.reports["closed"]
    assert {name for name in open_ if open_[name] != closed[name]} == {
        "reconcile-2021-07.xlsx",
        "summary.csv",
    }


def test_what_stands_against_a_close_is_said(story: Story) -> None:
    said = story.refusals
    for step in ("soft", "hard"):
        assert all(f"- {objection}\n" in said[step] for objection in OBJECTIONS)
    assert "2021-07 is open: close it softly first" in said["not soft closed"]
    assert "a forced close needs a written --reason" in said["no reason"]
    assert "2021-07 is closed already" in said["closed already"]


def test_a_forced_close_keeps_what_it_overrode(story: Story) -> None:
    soft, hard = story.decisions
    with duckdb.connect(str(story.home.warehouse), read_only=True) as connection:
        kept = connection.execute("from raw.overridden_objections order by all").fetchall()
    assert kept == [
        (close.change_seq, objection) for close in (soft, hard) for objection in OBJECTIONS
    ]
    path = story.home.exports / "reconcile-2021-07" / "summary.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = [row["note"] for row in csv.DictReader(file) if row["item"] == "overridden"]
    assert listed == OBJECTIONS


def test_a_close_is_an_event_with_who_why_and_what_it_froze(story: Story) -> None:
    soft, hard = story.decisions
    assert [(found.period, found.event) for found in (soft, hard)] == [
        ("2021-07", "soft_closed"),
        ("2021-07", "closed"),
    ]
    for found in (soft, hard):
        assert (found.closed_by, found.is_forced) == ("accounting", True)
        assert found.reason == "the payout of k1 is being traced"
    with duckdb.connect(str(story.home.warehouse), read_only=True) as connection:
        events = connection.execute(
            "select event, reason from raw.change_events where change_seq in (?, ?) order by all",
            [soft.change_seq, hard.change_seq],
        ).fetchall()
        kept = connection.execute(
            "select count(*), sum(amount), count(distinct posting_id) from raw.frozen_postings"
            " where change_seq = ?",
            [hard.change_seq],
        ).fetchone()
    assert events == [
        ("closed", "2021-07 by accounting: the payout of k1 is being traced"),
        ("soft_closed", "2021-07 by accounting: the payout of k1 is being traced"),
    ]
    assert kept == (hard.posting_count, Decimal(0), hard.posting_count)
    assert (soft.posting_count, soft.posting_sha256) == (None, None)
    assert hard.posting_count > 0


def test_postings_of_the_closed_month_are_those_that_were_frozen(story: Story) -> None:
    columns = "posting_id, entry_id, account, payer, amount, event_date, posted_date, claim_id"
    with duckdb.connect(str(story.home.warehouse), read_only=True) as connection:
        frozen = connection.execute(
            f"select {columns} from raw.frozen_postings order by all"
        ).fetchall()
    published = story.query(
        f"select {columns} from finance.fct_ledger_postings where period = '2021-07' order by all"
    )
    assert published == frozen
    assert frozen


def rows_of(story: Story, event_type: str, claim_id: str) -> list[dict[str, str]]:
    """What the walk says of an entry, in its order."""
    return [
        row
        for row in story.rows["restatement"]
        if (row["event_type"], row["claim_id"]) == (event_type, claim_id)
    ]


def amounts(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """As closed, what differs and what it comes to, by account and payer."""
    names = ("account", "payer", "closed_amount", "difference_amount", "restated_amount")
    return [tuple(row[name] for name in names) for row in rows]


def test_the_walk_sums_exactly_to_the_difference(story: Story) -> None:
    rows = story.rows["restatement"]
    assert story.walked() == story.differences() != {}
    assert all(Decimal(row["unexplained_amount"]) == 0 for row in story.rows["totals"])
    for row in rows:
        assert row["event_date"].startswith("2021-07")
        assert row["posted_date"].startswith("2021-08")
    assert story.walk is not None
    assert story.walk.restated
    assert sum(row.changed_amount for row in story.walk.restated) == 0
    for row in story.walk.restated:
        assert row.closed_amount + row.changed_amount == row.today_amount


def test_a_walk_lies_there_only_while_it_holds(story: Story, sequel: Story) -> None:
    walk = "restatement-2021-07"
    assert story.made["published"].restated == []
    assert story.made["published"].restatement_folder is None
    assert walk not in story.folders["published"]
    assert walk in story.folders["late data"]
    assert sequel.made["rolled back"].restated is None
    assert walk not in sequel.folders["rolled back"]
    assert walk in sequel.folders["rebuilt by other code"]
    assert walk not in sequel.folders["reopened"]


def test_the_walk_names_what_came_late_and_what_was_corrected(story: Story) -> None:
    rows = story.rows["restatement"]
    by_claim: dict[str, set[str]] = {}
    for row in rows:
        by_claim.setdefault(row["claim_id"], set()).add(row["event_type"])
    assert {"bill_paid"} <= by_claim["k1"]  # the bill of July 20 came again, with the payout
    assert {"claim_approved", "refund_instructed", "refund_paid", "bill_paid"} <= by_claim["k6"]
    corrected = [row for row in rows if row["claim_id"] == "k2" and row["corrects_posting_id"]]
    assert {row["event_type"] for row in corrected} == {"claim_approved"}
    assert amounts(corrected) == [
        ("refunds_due_from_payers", "merchant", "12.00", "-1.00", "11.00"),
        ("refunds_payable", "merchant", "-12.00", "1.00", "-11.00"),
    ]
    (file,) = {row["claim_file"] for row in corrected}
    assert file == "native/claims/dt=2021-08-05/part.csv"
    assert any(row["account"] == "merchant_funds" and row["claim_id"] == "k3" for row in rows)


def test_a_change_of_payer_is_reversed_to_zero_and_booked_anew(story: Story) -> None:
    found = rows_of(story, "claim_approved", "k4")
    assert amounts(found) == [
        ("refunds_due_from_payers", "merchant", "4.50", "-4.50", "0.00"),
        ("refunds_due_from_payers", "platform", "0.00", "4.50", "4.50"),
        ("refunds_payable", "merchant", "-4.50", "4.50", "0.00"),
        ("refunds_payable", "platform", "0.00", "-4.50", "-4.50"),
    ]
    assert {row["corrects_posting_id"] for row in found} == {
        f"claim_approved k4 {account}" for account, *_ in amounts(found)
    }


def test_another_change_of_payer_corrects_what_the_last_one_booked(
    after_august: dict[Month, Story],
) -> None:
    july = after_august[JULY]
    found = [
        row for row in rows_of(july, "claim_approved", "k4") if row["account"] == "refunds_payable"
    ]
    assert [(payer, *rest) for _, payer, *rest in amounts(found)] == [
        ("merchant", "-4.50", "4.50", "0.00"),
        ("platform", "0.00", "-4.50", "-4.50"),
        ("platform", "0.00", "4.50", "0.00"),
        ("insurer", "0.00", "-4.50", "-4.50"),
    ]
    first = "claim_approved k4 refunds_payable"
    assert [(row["posting_id"], row["corrects_posting_id"]) for row in found] == [
        (f"{first} reversed in 2021-08", first),
        (f"{first} in 2021-08", first),
        (f"{first} reversed in 2021-09", f"{first} in 2021-08"),
        (f"{first} in 2021-09", f"{first} in 2021-08"),
    ]
    assert july.query(
        "select opened_date::varchar, payer, break_amount from finance.fct_reconciliation_breaks"
        " where break_class = 'LATE_CORRECTION' and claim_id = 'k4' order by all"
    ) == [
        ("2021-08-01", "platform", Decimal("4.50")),
        ("2021-09-01", "insurer", Decimal("4.50")),
    ]


def test_the_walk_begins_with_what_the_closed_report_says(
    after_august: dict[Month, Story],
) -> None:
    """August's report holds the corrections of July that were posted in it."""
    august = after_august[AUGUST]
    *_, close = august.decisions
    with duckdb.connect(str(august.home.warehouse), read_only=True) as connection:
        sheets = {sheet.name: sheet for sheet in report.frozen(connection, close.change_seq)}
        balances = list(sheets["trial balance"].rows(connection))
        payables = list(sheets["roll-forward"].rows(connection))
    moved: dict[str | None, Decimal] = {}
    owed: dict[str | None, Decimal] = {}
    for row in august.rows["totals"]:
        reported, earlier, closed, changed, today = (
            Decimal(row[f"{name}_amount"])
            for name in ("reported", "earlier_months", "closed", "changed", "today")
        )
        assert (reported - earlier, closed + changed) == (closed, today)
        account, payer = row["account"], row["payer"]
        moved[account] = moved.get(account, Decimal(0)) + reported
        if account in ("refunds_payable", "refunds_in_process"):
            owed[payer] = owed.get(payer, Decimal(0)) - reported
    assert {account: amount for account, amount in moved.items() if amount} == {
        account: Decimal(debit or 0) - Decimal(credit or 0)
        for account, _, debit, credit, _ in balances
        if debit != credit
    }
    assert {payer: amount for payer, amount in owed.items() if amount} == {
        payer: Decimal(closing or 0) - Decimal(opening or 0)
        for payer, _, opening, *_, closing in payables
        if closing != opening
    }
    assert august.walk is not None and august.walk.restated
    (payable,) = [row for row in august.walk.restated if row.account == "refunds_payable"]
    assert payable.payer == "merchant"
    assert payable.earlier_months_amount != 0
    assert payable.reported_amount - payable.earlier_months_amount == payable.closed_amount
    assert payable.changed_amount == Decimal("0.50")


def test_august_holds_the_linked_corrections(story: Story) -> None:
    late = story.query(
        "select sum(amount), count(*), count(distinct posting_id),"
        " count(corrects_posting_id) > 0, min(event_date)::varchar, max(event_date)::varchar"
        " from finance.fct_ledger_postings"
        " where period = '2021-08' and break_class = 'LATE_CORRECTION'"
    )
    ((amount, count, distinct, has_links, first, last),) = late
    assert (amount, count, distinct) == (0, len(story.rows["restatement"]), count)
    assert has_links
    assert first.startswith("2021-07")
    assert last.startswith("2021-07")
    assert not story.query(
        "select corrects_posting_id from finance.fct_ledger_postings where corrects_posting_id"
        " not in (select posting_id from finance.fct_ledger_postings where period = '2021-07')"
    )


def test_the_workbook_adds_up_to_the_marts(story: Story) -> None:
    story.reconcile(AUGUST)
    path = story.home.exports / "reconcile-2021-08" / "reconcile-2021-08.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "summary",
        "roll-forward",
        "trial balance",
        "breaks",
        "break list",
        "detail",
        "evidence",
        "control totals",
        "checks",
    ]
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    assert all((page.freeze_panes, bool(page.auto_filter.ref)) == ("B2", True) for page in book)

    def total(sheet: str, column: str) -> float:
        head, *rows = book[sheet].iter_rows(values_only=True)
        return round(sum(row[head.index(column)] or 0 for row in rows), 2)

    expected = {
        ("roll-forward", "closing_amount"): "select sum(closing_amount) from"
        " finance.agg_payable_rollforward where period = '2021-08'",
        ("roll-forward", "approved_amount"): "select sum(approved_amount) from"
        " finance.agg_payable_rollforward where period = '2021-08'",
        ("trial balance", "debit_amount"): "select sum(debit_amount) from"
        " finance.agg_trial_balance where business_date between '2021-08-01' and '2021-08-31'",
        ("trial balance", "balance_amount"): "select 0",
        ("break list", "break_amount"): "select coalesce(sum(break_amount), 0) from"
        " finance.fct_reconciliation_breaks where opened_date <= '2021-08-31'"
        " and (is_open or healed_date >= '2021-08-01')",
        ("detail", "approved_amount"): "select sum(approved_amount) from"
        " finance.fct_refund_reconciliation where approved_date >= '2021-08-01'",
    }
    head, *checks = book["checks"].iter_rows(values_only=True)
    assert [row[head.index("difference_amount")] for row in checks] == [0] * 5
    assert all(row[head.index("left_amount")] for row in checks)
    found = {place: total(*place) for place in expected}
    assert found == {place: float(story.query(sql)[0][0]) for place, sql in expected.items()}
    assert found["trial balance", "debit_amount"] > 0


def test_a_real_bills_payout_that_nobody_instructed_is_an_orphan(story: Story) -> None:
    found = story.query(
        "select break_class, break_amount, bill_line_id, is_open"
        " from finance.fct_reconciliation_breaks where break_class = 'ORPHAN_PAYOUT'"
    )
    assert found == [("ORPHAN_PAYOUT", Decimal("0.99"), "wechat_pay-50309-20210801-1", True)]


def test_every_side_of_a_refund_has_its_evidence(story: Story) -> None:
    path = story.home.exports / "reconcile-2021-07" / "evidence.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["chain_id"] == "k2")
    assert row["bill_line_file"] == "wechat_pay/trade_bill_all/dt=2021-07-29/bill.csv"
    assert row["claim_file"] == "native/claims/dt=2021-07-31/part.csv"
    assert all(len(row[f"{side}_sha256"]) == 64 for side in ("claim", "refund_order", "bill_line"))


def test_in_dagster_the_check_blocks_the_soft_close(story: Story) -> None:
    success, checks, materialized = story.dagster["before"]
    assert (success, materialized) == (False, ["month_report"])
    assert checks == [(False, "\n".join(OBJECTIONS))]
    assert story.dagster["after"] == (True, [(True, "")], ["month_report", "soft_close"])


@pytest.fixture
def copy(story: Story, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse and the published file, to be spoilt."""
    with duckdb.connect() as connection:
        for alias, path in (("warehouse", story.home.warehouse), ("marts", story.home.published)):
            place = tmp_path / f"{alias}.duckdb"
            shutil.copy(path, place)
            place.chmod(0o600)
            connection.execute(f"attach '{place}' as {alias}")
        connection.execute("use warehouse")
        yield connection


def test_an_identity_that_does_not_hold_stands_against_a_close(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    before = objections(story.home, copy, AUGUST)
    for table, condition in (
        ("marts.finance.fct_ledger_postings", "period = '2021-08'"),
        ("intermediate.int_bill_lines_matched", "bill_date = '2021-08-01'"),
    ):
        copy.execute(
            f"delete from {table} where rowid = (select min(rowid) from {table} where {condition})"
        )
    copy.execute(
        "update marts.finance.agg_trial_balance set balance_amount = balance_amount + 1"
        " where account = 'refunds_payable' and business_date = '2021-07-31'"
    )
    copy.execute(
        "update marts.finance.agg_payable_rollforward set closing_amount = closing_amount + 1"
        " where period = '2021-07'"
    )
    found = [said for said in objections(story.home, copy, AUGUST) if said not in before]
    assert [said.partition(":")[0] for said in found] == [
        "bills = matched + orphan does not hold",
        "debits = credits does not hold",
        "opening + approved - paid + returned + adjusted = closing does not hold",
        "closing of all payers = payable of the ledger does not hold",
    ]


def test_rows_that_could_not_be_read_stand_against_a_close(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    before, julys = objections(story.home, copy, AUGUST), objections(story.home, copy, JULY)
    copy.execute(
        "update raw.deliveries set rows_quarantined = 2, rows_accepted = rows_read - 2"
        " where dt = '2021-08-01' and feed in ('trade_bill_all', 'orders')"
    )
    path = "wechat_pay/trade_bill_all/dt=2021-08-01/bill.csv"
    (found,) = [said for said in objections(story.home, copy, AUGUST) if said not in before]
    assert found.endswith(f"({path}) has 2 quarantined rows")
    assert objections(story.home, copy, JULY) == julys  # a bill of August is none of July's
    copy.execute(f"update raw.deliveries set status = 'superseded' where path = '{path}'")
    assert not [said for said in objections(story.home, copy, AUGUST) if "quarantined" in said]


def test_a_fee_whose_refund_stands_in_another_bill_does_not_stand_against_a_close(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    before = objections(story.home, copy, AUGUST)
    path = "wechat_pay/trade_bill_all/dt=2021-08-01/bill.csv"
    copy.execute(f"update raw.deliveries set rows_quarantined = 3 where path = '{path}'")
    copy.execute(
        "insert into raw.quarantine"
        " select delivery_id, source, feed, dt, path, place, 'channel_bill_lines', '业务流水号',"
        "    concat('业务流水号 ''', left(number, 40), ''' is no refund of this bill', more),"
        "    json_object('业务流水号', number)"
        " from raw.deliveries cross join (values"
        "    (1, repeat('7', 50), ''), (2, 'nowhere', ''),"
        "    (3, '50303', '; 发生时间 '''' is no time')"
        " ) as complaints (place, number, more)"
        f" where path = '{path}'"
    )
    copy.execute(  # what can't be split is kept as it was delivered
        "insert into raw.quarantine by name select delivery_id, source, feed, dt, path,"
        " 4 as row_number, '业务流水号' as column_name, '\\xff,1' as row_text,"
        " 'what can not be split is no refund of this bill' as reason"
        f" from raw.deliveries where path = '{path}'"
    )

    def unread() -> list[str]:
        return [said for said in objections(story.home, copy, AUGUST) if said not in before]

    assert [said.partition(") ")[2] for said in unread()] == ["has 3 quarantined rows"]
    copy.execute(
        "update raw.channel_bill_lines set channel_refund_id = repeat('7', 50)"
        " where channel_refund_id = '50303'"
    )
    assert [said.partition(") ")[2] for said in unread()] == ["has 2 quarantined rows"]
    copy.execute("delete from raw.quarantine where row_number > 1")
    copy.execute(f"update raw.deliveries set rows_quarantined = 1 where path = '{path}'")
    assert unread() == []


def test_flows_of_the_day_after_a_month_stand_against_its_close(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    before = objections(story.home, copy, JULY)
    copy.execute(
        "update raw.deliveries set status = 'held'"
        " where feed in ('fund_flows', 'trade_bill_all')"
        " and dt between '2021-08-01' and '2021-08-02'"
    )
    more = [said for said in objections(story.home, copy, JULY) if said not in before]
    assert [said.partition("(")[2] for said in more if "is held" in said] == [
        "native/fund_flows/dt=2021-08-01/part.csv) is held"
    ]


def test_claims_that_wait_stand_against_a_close(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    before = objections(story.home, copy, AUGUST)
    copy.execute(
        "update raw.deliveries set status = 'held'"
        " where feed in ('claims', 'orders') and dt = '2021-08-02'"
    )
    more = [said for said in objections(story.home, copy, AUGUST) if said not in before]
    assert [said.rpartition("(")[2] for said in more] == [
        "native/claims lacks 2021-08-02",
        "native/claims/dt=2021-08-02/part.csv) is held",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "insert into raw.channel_bill_lines by name select * replace (amount + 1 as amount)"
            " from raw.channel_bill_lines where refund_order_id = 'r5'",
            ["1 channel_bill_lines are told in two ways at one version time, such as "],
        ),
        (
            "insert into raw.refund_orders by name select * replace (refund_amount + 1"
            " as refund_amount) from raw.refund_orders where refund_order_id = 'r5';"
            "update intermediate.int_refund_orders_current set instructed_date = date '2021-07-31'"
            " where refund_order_id = 'r5'",
            ["1 refund_orders are told in two ways at one version time, such as r5"],
        ),
        (
            "insert into raw.claims by name select * replace (refund_amount + 1 as refund_amount)"
            " from raw.claims where claim_id = 'k5';"
            "update intermediate.int_claims_current set approved_date = date '2021-07-31'"
            " where claim_id = 'k5'",
            ["1 claims are told in two ways at one version time, such as k5"],
        ),
        (
            "delete from intermediate.int_orders_current where order_id = 'o5'",
            ["1 approved claims of 7.00 CNY wait for their order, such as k5"],
        ),
        (
            "delete from intermediate.int_orders_current where order_id = 'o5';"
            "update intermediate.int_claims_current set approved_date = null, approved_at = null,"
            " applied_amount = null where claim_id = 'k5'",
            ["1 approved claims of 7.00 CNY wait for their order, such as k5"],
        ),
        (
            "delete from intermediate.int_orders_current where order_id = 'o5';"
            "update intermediate.int_claims_current set claim_type = 3, refund_status = 0,"
            " refunded_date = null where claim_id = 'k5'",
            [],
        ),
        (
            "delete from intermediate.int_orders_current where order_id = 'o5';"
            "update intermediate.int_claims_current set approved_at = null, refund_status = 4"
            " where claim_id = 'k5'",
            [],
        ),
        (
            "insert into raw.channel_bill_lines by name select * replace (amount + 1 as amount,"
            " updated_at - interval 1 day as updated_at)"
            " from raw.channel_bill_lines where refund_order_id = 'r5'",
            [],
        ),
        (
            "update intermediate.int_refund_orders_current set order_id = 'o1'"
            " where refund_order_id = 'r5'",
            ["1 refund orders of 7.00 CNY pay for another order than their claim's, such as r5"],
        ),
        (
            "update intermediate.int_refund_orders_current set order_id = 'o1',"
            " instructed_date = date '2021-07-31' where refund_order_id = 'r5'",
            ["1 refund orders of 7.00 CNY pay for another order than their claim's, such as r5"],
        ),
    ],
)
def test_what_contradicts_itself_stands_against_a_close(
    story: Story, copy: duckdb.DuckDBPyConnection, change: str, said: list[str]
) -> None:
    before = objections(story.home, copy, AUGUST)
    copy.execute(change)
    more = [line for line in objections(story.home, copy, AUGUST) if line not in before]
    assert [line[: len(start)] for line, start in zip(more, said, strict=True)] == said


def sheet_of_august(copy: duckdb.DuckDBPyConnection, name: str) -> report.Sheet:
    """A sheet of August while it is open."""
    report.set_variables(copy, AUGUST, None)
    return next(sheet for sheet in report.sheets(copy) if sheet.name == name)


def sheet_rows(copy: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, str | None]]:
    """The rows of a sheet of August."""
    sheet = sheet_of_august(copy, name)
    names = [column.name for column in sheet.columns]
    return [dict(zip(names, row, strict=True)) for row in sheet.rows(copy)]


def test_the_summary_adds_up_with_a_payout_that_nobody_is_entitled_to(
    copy: duckdb.DuckDBPyConnection,
) -> None:
    copy.execute(
        "insert into marts.finance.fct_refund_reconciliation by name"
        " select * replace ('r99' as chain_id, false as is_entitled, 0 as approved_amount)"
        " from marts.finance.fct_refund_reconciliation where claim_id = 'k5'"
    )
    amounts = {
        row["item"]: Decimal(row["amount"] or 0)
        for row in sheet_rows(copy, "summary")
        if row["section"] == "refunds"
    }
    of_these = [amount for item, amount in amounts.items() if (item or "").startswith("of these")]
    assert len(of_these) == 3
    assert sum(of_these) == amounts["all approved"]


def test_fund_flows_that_no_account_books_are_listed(copy: duckdb.DuckDBPyConnection) -> None:
    def unbooked() -> list[tuple[str | None, str | None]]:
        return [
            (row["item"], row["row_count"])
            for row in sheet_rows(copy, "summary")
            if row["section"] == "fund flows that are not booked"
        ]

    assert unbooked() == []
    copy.execute(
        "update intermediate.int_fund_flows_current set scene = 34 where refund_order_id = 'r5'"
    )
    assert unbooked() == [("scene 34 out", "1")]


def test_what_is_in_transit_shows_its_age_beside_the_breaks(
    copy: duckdb.DuckDBPyConnection,
) -> None:
    copy.execute(
        "insert into marts.finance.fct_refund_reconciliation by name"
        " select * replace ('later' as chain_id, date '2021-09-01' as approved_date)"
        " from marts.finance.fct_refund_reconciliation where claim_id = 'k5';"
        "insert into intermediate.int_refund_breaks_aged by name"
        " select chain_id, 'CNY' as currency_code, 'in_transit' as break_status, is_shortfall,"
        " 'B5' as ageing_bucket, 7 as break_amount, 'treasury' as owner, 1 as severity"
        " from (values ('k5', true), ('k5', false), ('later', true)) as t (chain_id, is_shortfall)"
    )
    (row,) = [row for row in sheet_rows(copy, "breaks") if row["break_class"] == "IN_TRANSIT"]
    assert (row["owner"], row["open_count"], row["over_30_days"]) == ("treasury", "1", "7.00")


def test_no_month_is_closed_on_a_closed_one_that_was_changed(
    copy: duckdb.DuckDBPyConnection, story: Story
) -> None:
    copy.execute("update raw.frozen_postings set amount = amount + 1")
    with pytest.raises(AnxinError, match="what was frozen when 2021-07 was closed is not what"):
        closing.close(story.home, copy, AUGUST, FORCED, is_hard=False)


def test_a_month_before_all_data_is_not_closed(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    copy.execute("delete from raw.period_closes")
    with pytest.raises(UsageError, match="nothing is delivered of 1999-01: the oldest file is of"):
        closing.close(story.home, copy, Month(1999, 1), FORCED, is_hard=False)


def test_a_payer_whose_payable_did_not_move_stands_in_the_roll_forward(
    story: Story, copy: duckdb.DuckDBPyConnection
) -> None:
    copy.execute(
        "insert into marts.finance.agg_payable_rollforward by name"
        " select * from (values"
        " ('insurer', 'CNY', '2021-06', date '2021-06-01', 5.00, 5.00),"
        " ('creator', 'CNY', '2021-06', date '2021-06-01', 5.00, 0.00)"
        ") as rows (payer, currency_code, period, month_start_date, paid_amount, closing_amount)"
    )
    rows = {row[0]: row[2:] for row in sheet_of_august(copy, "roll-forward").rows(copy)}
    assert rows.keys() == {"insurer", "merchant", "platform"}
    assert rows["insurer"] == ["5.00", "0.00", "0.00", "0.00", "0.00", "5.00"]
    assert rows["merchant"][1] != "0.00"


def test_bills_are_listed_with_the_totals_of_their_own_month(story: Story) -> None:
    listed = {}
    for month in (JULY, AUGUST):
        story.reconcile(month)
        path = story.home.exports / f"reconcile-{month}" / "control_totals.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["source"] == "wechat_pay"]
        listed[month] = {row["dt"][:7] for row in rows}
    assert listed == {JULY: {"2021-07"}, AUGUST: {"2021-08"}}


def test_marts_that_other_code_has_built_are_not_closed_on(sequel: Story) -> None:
    assert "or other code built them: `anxin run` first" in sequel.refusals["other code"]


def test_a_rollback_past_a_close_is_refused(sequel: Story) -> None:
    assert "Generation 1 was built before a month was closed" in sequel.refusals["rollback"]


def test_the_walk_explains_later_days_and_other_code(sequel: Story) -> None:
    assert sequel.walk is not None and sequel.walk.restated
    for row in sequel.walk.restated:
        assert row.closed_amount + row.changed_amount == row.today_amount
    assert all(Decimal(row["unexplained_amount"]) == 0 for row in sequel.rows["totals"])
    fees = [row for row in sequel.rows["restatement"] if row["event_type"] == "fee_returned"]
    assert fees and all(Decimal(row["restated_amount"]) == 0 for row in fees)
    late = {(event, claim): counts for _, event, claim, *counts in sequel.late["closed"]}
    assert {period for period, *_ in sequel.late["closed"]} == {"2021-08"}
    assert late["claim_approved", "k2"] == [2, 2, 0]
    assert late["claim_approved", "k7"] == [2, 0, 0]
    assert late["bill_paid", "k3"] == [2, 2, 0]  # its bill was replaced by one without it
    assert amounts(rows_of(sequel, "claim_approved", "k2")) == [
        ("refunds_due_from_payers", "merchant", "12.00", "-1.50", "10.50"),
        ("refunds_payable", "merchant", "-12.00", "1.50", "-10.50"),
    ]


def test_a_month_that_is_reopened_holds_todays_view_and_closes_again(sequel: Story) -> None:
    reopened, soft, hard = sequel.decisions
    assert (reopened.event, reopened.closed_by, reopened.reason) == (
        "reopened",
        "auditor",
        "k6 was missing",
    )
    assert (soft.event, hard.event) == ("soft_closed", "closed")
    assert "`anxin run` first" in sequel.refusals["reopened"]
    assert sequel.late["reopened"] == []
    for before, after in (("closed", "closed again"), ("reopened", "closed again")):
        assert sequel.reports[before] != sequel.reports[after]
    files = sequel.reports["closed again"]
    assert {name for name in files if files[name] != sequel.reports["reopened"][name]} == {
        "reconcile-2021-07.xlsx",
        "summary.csv",
    }
    with duckdb.connect(str(sequel.home.warehouse), read_only=True) as connection:
        kept = connection.execute(
            "select change_seq = ?, count(*) from raw.frozen_postings"
            " where period = '2021-07' group by all order by all",
            [hard.change_seq],
        ).fetchall()
    assert [is_second for is_second, _ in kept] == [False, True]
    assert kept[1][1] == hard.posting_count
    assert sequel.query("select count(*) from finance.period_closes where is_closed") == [(0,)]


def test_what_a_reopened_month_had_reported_can_be_written_again(
    story: Story, sequel: Story
) -> None:
    *_, first = story.decisions
    again = sequel.decisions[-1]
    for close, step in ((first, "closed"), (again, "closed again")):
        with writer_lock(sequel.home, "reconcile"):
            made = closing.reconcile(sequel.home, JULY, close.change_seq)
        assert made.state == f"close {close.change_seq}"
        assert Path(made.folder).name == f"reconcile-2021-07-close-{close.change_seq}"
        assert hashes(Path(made.folder)) == sequel.reports[step]
    with (
        writer_lock(sequel.home, "reconcile"),
        pytest.raises(UsageError, match=rf"there is {first.change_seq}, {again.change_seq}$"),
    ):
        closing.reconcile(sequel.home, JULY, 1)


def test_months_are_closed_in_order_and_the_newest_is_reopened(story: Story) -> None:
    with writer_lock(story.home, "close"), closing.books(story.home) as connection:
        with pytest.raises(UsageError, match="2021-07 is closed, and 2021-06 lies before it"):
            closing.close(story.home, connection, Month(2021, 6), Who("accounting"), is_hard=False)
        with pytest.raises(UsageError, match="nothing is delivered of 2022-01"):
            closing.close(story.home, connection, Month(2022, 1), FORCED, is_hard=False)
        with pytest.raises(UsageError, match="2021-08 is not over"):
            closing.close(
                story.home,
                connection,
                AUGUST,
                FORCED,
                is_hard=False,
                now=datetime(2021, 8, 31, 15, 59),  # noqa: DTZ001
            )
        with pytest.raises(UsageError, match="needs a written --reason"):
            closing.reopen(connection, JULY, Who("accounting"))
        with pytest.raises(UsageError, match="2021-08 is not closed"):
            closing.reopen(connection, AUGUST, Who("accounting", "a mistake"))
        with pytest.raises(AnxinError, match="wechat_pay/trade_bill_all goes up to 2021-08-"):
            closing.close(story.home, connection, AUGUST, Who("accounting"), is_hard=False)


def test_what_was_frozen_and_then_changed_is_noticed(story: Story, tmp_path: Path) -> None:
    shutil.copy(story.home.warehouse, tmp_path)
    for table, change in (
        ("frozen_report_rows", "row_values = ['x'] || row_values[2:]"),
        ("frozen_postings", "amount = amount + 1"),
    ):
        with duckdb.connect(str(story.home.warehouse)) as connection:
            connection.execute(f"update raw.{table} set {change}")
        with pytest.raises(AnxinError, match="what was frozen when 2021-07 was closed is not what"):
            story.reconcile()
        shutil.copy(tmp_path / story.home.warehouse.name, story.home.warehouse)
    story.reconcile()


def test_a_month_is_read_strictly() -> None:
    assert (str(Month.parse("2021-07")), Month(2020, 2).last.day) == ("2021-07", 29)
    assert Month(2020, 12).next == Month(2021, 1)
    for text in ("2021-7", "2021-13", "2021-07-01", ""):
        with pytest.raises(UsageError, match="is no month of the form YYYY-MM"):
            Month.parse(text)


def test_the_commands_say_what_they_did_and_exit_accordingly(story: Story) -> None:
    def anxin(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("anxin"), *arguments],
            env={**os.environ, "ANXIN_HOME": str(story.home.root)},
            capture_output=True,
            text=True,
            check=False,
        )

    done = anxin("reconcile", "--month", "2021-07", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["state"], found["objections"]) == (0, "closed", [])
    assert [table["name"] for table in found["tables"]] == ["summary", "roll-forward", "breaks"]
    assert Path(found["restatement_folder"]).is_dir()
    assert (
        f"row by row: {found['restatement_folder']}"
        in anxin("reconcile", "--month", "2021-07").stdout
    )
    done = anxin("reconcile", "--month", "2021-08")
    assert done.returncode == 0
    assert "stands against closing: wechat_pay/trade_bill_all goes up to" in done.stdout
    done = anxin("close", "2021-08", "--by", "accounting")
    assert done.returncode == 1
    assert "2021-08 can't be closed:\n- " in done.stderr
    done = anxin("close", "2021-07", "--by", "accounting", "--reopen")
    assert (done.returncode, done.stderr) == (
        2,
        "anxin: reopening a month needs a written --reason\n",
    )
    done = anxin("reconcile", "--month", "July")
    assert (done.returncode, "is no month" in done.stderr) == (2, True)
