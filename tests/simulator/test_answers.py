"""The key of a tiny platform against figures worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from simulator.answers import write_answers
from simulator.answers.write import names
from tests.simulator.tiny import tiny_key, tiny_truth


class Key:
    """The answers in a folder, asked in SQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, answer: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Return some columns of an answer's rows, in the file's order."""
        path = self.folder / f"{answer}.parquet"
        return duckdb.sql(f"select {columns} from '{path}' where {where}").fetchall()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Key]:
    folder = tmp_path_factory.mktemp("answers")
    tiny_key(folder).close()
    yield Key(folder)


def yuan(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def column(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in rows]


def test_freight_that_does_not_divide_leaves_the_rest_to_the_last_line(key: Key) -> None:
    of_order = "order_id = '1000000000000000001'"
    assert column(key.rows("order_lines", "freight_amount", of_order)) == yuan(
        "3.33", "3.33", "3.34"
    )
    assert column(key.rows("order_lines", "pay_amount", of_order)) == yuan(
        "103.33", "103.33", "103.34"
    )


def test_freight_of_goods_that_cost_nothing_goes_to_the_last_line(key: Key) -> None:
    rows = key.rows("order_lines", "freight_amount", "order_id = '1000000000000000012'")
    assert column(rows) == yuan("0.00", "8.00")


def test_refund_of_a_whole_order_is_shared_by_paid_amount(key: Key) -> None:
    rows = key.rows("refunds", "refund_amount", "claim_id = '3000000000000000001'")
    assert column(rows) == yuan("51.66", "51.66", "51.68")


def test_refund_of_one_line_is_that_lines(key: Key) -> None:
    rows = key.rows("refunds", "line_id, refund_amount", "claim_id = '3000000000000000002'")
    assert rows == [("2000000000000000006", Decimal("368.00"))]


def test_recovered_refund_is_no_refund(key: Key) -> None:
    claim = "claim_id = '3000000000000000009'"
    assert key.rows("refunds", "*", claim) == []
    assert key.rows("claims", "is_refunded, is_served, refunded_date", claim) == [
        (False, False, None)
    ]


def test_window_includes_its_last_second(key: Key) -> None:
    rows = key.rows(
        "claims", "is_inside_window, is_eligible, window_ends_at", "right_code in ('R6', 'R7')"
    )
    fresh = datetime.fromisoformat("2021-08-06 06:00:00")
    beauty = datetime.fromisoformat("2021-07-31 00:00:00")
    assert rows == [
        (True, True, fresh),
        (False, False, fresh),
        (True, True, beauty),
        (False, False, beauty),
    ]


def test_claim_out_of_scope_is_not_eligible(key: Key) -> None:
    rows = key.rows("claims", "is_inside_window, is_eligible", "claim_id = '3000000000000000011'")
    assert rows == [(True, False)]


def test_right_that_ends_with_the_shipment_holds_until_there_is_one(key: Key) -> None:
    rows = key.rows("claims", "is_inside_window, is_eligible", "right_code = 'R3'")
    assert rows == [(None, True)] * 3


def test_freight_and_late_instant_refunds_are_judged_by_the_rights_rule(tmp_path: Path) -> None:
    connection = tiny_truth()
    connection.execute(
        "update final.orders set shipped_at = timestamp '2021-08-12 03:59:59'"
        " where right(order_id, 2) = '12'"
    )
    connection.execute(
        "update final.claims set right_code = 'R4', claim_type = 1 where right(claim_id, 2) = '06'"
    )
    write_answers(connection, tmp_path)
    late = Key(tmp_path)
    judged = "right(claim_id, 2), is_inside_window, is_eligible, is_compensation"
    assert late.rows("claims", judged, "right(claim_id, 2) in ('06', '10')") == [
        ("06", None, False, True),
        ("10", False, False, False),
    ]
    refunded = column(late.rows("refunds", "distinct right(claim_id, 2)"))
    assert "10" in refunded
    assert "06" not in refunded


def test_claim_is_served_by_refund_or_exchange_under_a_right(key: Key) -> None:
    rows = key.rows("claims", "right(claim_id, 2), served_date", "is_served")
    assert dict(rows) == {
        "02": date(2021, 8, 6),
        "03": date(2021, 8, 6),
        "04": date(2021, 8, 3),
        "06": date(2021, 8, 4),
        "07": date(2021, 8, 18),
        "10": date(2021, 8, 12),
    }
    assert key.rows(
        "claims_served", "served_count, cumulative_served_count", "right_code = 'R3'"
    ) == [
        (1, 1),
        (1, 2),
    ]


def test_times_are_whole_seconds(key: Key) -> None:
    times = "apply_to_approve_seconds, apply_to_refund_seconds, return_to_refund_seconds"
    rows = key.rows("claims", times, "claim_id = '3000000000000000004'")
    assert rows == [(180, 266_400, 7_200)]
    percentiles = key.rows(
        "claim_handling",
        "p50_seconds, p90_seconds",
        "right_code = 'R6' and measure = 'apply_to_approve'",
    )
    assert percentiles == [(1_800, 17_940)]


def test_day_ends_at_midnight_in_shanghai(key: Key) -> None:
    days = "paid_order_count, gmv_amount"
    assert key.rows("sales_daily", days, "business_date = '2021-08-01'") == [(2, Decimal("360.00"))]
    assert key.rows("sales_daily", days, "business_date = '2021-08-02'") == [(3, Decimal("806.00"))]
    assert key.rows("sales_daily", "refund_count", "business_date = '2021-08-04'") == [(1,)]


def test_cancelled_order_that_was_paid_counts_and_an_unpaid_one_is_only_placed(key: Key) -> None:
    amounts = "placed_amount, gmv_amount, refunded_amount, net_cash_amount, net_cohort_amount"
    rows = key.rows("sales_daily", amounts, "business_date = '2021-08-03'")
    assert list(rows[0]) == yuan("300.00", "200.00", "1490.00", "-1290.00", "0.00")


def test_line_takes_the_version_in_force_at_pay_time(key: Key) -> None:
    categories = dict(key.rows("order_lines", "right(line_id, 2), category_id"))
    assert categories["12"] == "toys", "the new version governs from its very second"
    assert categories["13"] == "home", "a second earlier the old one does"
    assert categories["01"] == "fresh"
    assert categories["03"] == "food", "the first version governs everything before it"


def test_refunds_stand_on_both_days(key: Key) -> None:
    amounts = "business_date, gmv_amount, refunded_amount, cohort_refunded_amount"
    beauty = key.rows("gmv_daily", amounts, "channel = 'video' and category_id = 'beauty'")
    assert beauty == [
        (date(2021, 5, 28), *yuan("2980.00", "0.00", "1490.00")),
        (date(2021, 8, 3), *yuan("0.00", "1490.00", "0.00")),
    ]


def test_views_agree_on_the_sum_of_all_refunds(key: Key) -> None:
    totals = [
        *key.rows("gmv_daily", "sum(refunded_amount), sum(cohort_refunded_amount)")[0],
        *key.rows("sales_daily", "sum(refunded_amount), sum(cohort_refunded_amount)")[0],
        *key.rows("refunds", "sum(refund_amount)")[0],
    ]
    assert set(totals) == {Decimal("2589.00")}


def test_session_counts_what_was_placed_in_it(key: Key) -> None:
    amounts = "gmv_amount, refunded_amount, gpm, uv_value, viewer_to_payer_rate"
    assert key.rows("sessions", amounts) == [
        (*yuan("678.00", "523.00"), 169.5, 0.226, 2 / 3000),
        (*yuan("368.00", "368.00"), None, None, None),
        (*yuan("0.00", "0.00"), 0.0, 0.0, 0.0),
    ]


def test_growth_names_its_alignment_and_never_divides_by_nothing(key: Key) -> None:
    roses = "window_id = 'QIXI_2021' and subject = 'tag:rose'"
    rows = key.rows("growth", "alignment, item_count, base_item_count, missing_reason", roses)
    assert rows == [
        ("campaign", 2, 2, "base is tiny"),
        ("lunar", 2, 0, "base is zero"),
        ("preceding", 2, 0, "base is zero"),
        ("solar", 2, 0, "base is zero"),
        ("weekday", 2, 0, "base is zero"),
    ]
    assert key.rows("growth", "distinct item_ratio", roses) == [(None,)]


def test_lunar_window_keeps_its_distance_from_the_festival(key: Key) -> None:
    rows = key.rows(
        "growth",
        "distinct base_start_date, base_end_date",
        "window_id = 'QIXI_2021' and alignment = 'lunar'",
    )
    assert rows == [(date(2020, 8, 12), date(2020, 8, 23))]


def test_statement_is_judged_by_what_the_history_holds(key: Key) -> None:
    rows = key.rows("published_statements", "statement_id, verdict, computed_value, verdict_reason")
    told = {statement: values for statement, *values in rows}
    assert len(told) == 45
    assert told["C08"] == ["holds", 60.0, None]
    assert told["C09"] == ["holds", 1.0, None]
    assert told["C40"] == ["out_of_range", 1910.0, None]
    assert told["C02"] == ["not_comparable", None, "too few to expect at this scale"]
    assert told["C05"] == ["not_comparable", None, "base is tiny"]
    assert told["C36"] == ["not_comparable", None, "fewer than 500 buyers in a group"]
    assert told["C06"] == ["not_computable", None, "no number is stated"]


def test_buyer_repeats_with_an_order_that_is_kept(key: Key) -> None:
    counts = "buyer_count, repeated_buyer_count"
    # Customer 1 lost the order of May to a refund and starts in August; customer 3 starts in May
    # and buys again on 2 August, for which he is refunded; customer 2 starts in February.
    august = key.rows("repurchase_cohorts", counts, "month = '2021-08-01' and span_days = 30")
    february = key.rows("repurchase_cohorts", counts, "month = '2021-02-01'")
    assert august == [(1, 1)]
    assert february == [(1, 0), (1, 0), (1, 1)]
    window = key.rows("repurchase_windows", counts, "end_date = '2021-08-31' and span_days = 30")
    assert window == [(2, 1)]


def test_generations_are_nested(key: Key) -> None:
    rows = key.rows(
        "customer_profile",
        "value, buyer_count",
        "dimension = 'generation' and month = '2021-08-01'",
    )
    assert rows == [("post_80", 1), ("post_90", 1), ("post_95", 1), ("unknown", 1)]


def test_return_is_a_refund_of_goods_that_came_back(key: Key) -> None:
    counts = "paid_line_count, refunded_line_count, returned_line_count, return_rate"
    assert key.rows("return_rates", counts, "channel = 'video'") == [(2, 1, 1, 0.5)]


def test_score_inputs_are_counts_of_the_window(key: Key) -> None:
    rows = key.rows(
        "score_inputs",
        "indicator, numerator, denominator, is_mature",
        "merchant_id = '5000000000000000001' and end_date = '2021-08-31'",
    )
    assert rows == [
        ("complaint_rate", 0, 5, False),
        ("paid_orders", 5, 5, True),
        ("quality_return_rate", 4, 5, False),
        ("refund_only_hours", 18_000 + 3_599 + 39_300 + 5 + 3_600, 5, True),
    ]


def test_a_refund_that_failed_once_is_booked_step_by_step(key: Key) -> None:
    rows = key.rows(
        "ledger_events",
        "day(business_date), event_type, account, payer, amount, posting_count",
        "business_date < '2021-08-20' and amount > 0 and event_type not like 'claim%'"
        " or business_date < '2021-08-20' and account = 'channel_fees'",
    )
    assert rows == [
        (6, "refund_instructed", "refunds_payable", "merchant", Decimal("155.00"), 1),
        (7, "bill_paid", "channel_clearing", "merchant", Decimal("155.00"), 1),
        (7, "fee_returned", "channel_accounts", "merchant", Decimal("0.93"), 1),
        (7, "fee_returned", "channel_fees", "merchant", Decimal("-0.93"), 1),
        (7, "merchant_debited", "merchant_funds", "merchant", Decimal("155.00"), 1),
        (7, "refund_failed", "refunds_in_process", "merchant", Decimal("155.00"), 1),
        (7, "refund_instructed", "refunds_payable", "merchant", Decimal("155.00"), 1),
        (7, "refund_paid", "refunds_in_process", "merchant", Decimal("155.00"), 1),
        (8, "bill_paid", "channel_clearing", "unknown", Decimal("155.00"), 1),
    ]


def test_the_payable_grows_by_what_is_approved_and_shrinks_by_what_is_paid(key: Key) -> None:
    days = key.rows(
        "payable_movements",
        "day(business_date), approved_amount, paid_amount, adjusted_amount, payable_change_amount",
        "payer = 'merchant' and business_date between '2021-08-06' and '2021-08-07'",
    )
    assert days == [
        (6, *yuan("891.00", "0.00", "0.00", "891.00")),
        (7, *yuan("0.00", "155.00", "0.00", "-155.00")),
    ]


def test_the_trial_balance_of_a_day_nets_to_zero(key: Key) -> None:
    rows = key.rows("trial_balance", "account, balance_amount", "business_date = '2021-08-07'")
    assert dict(rows) == {
        "channel_accounts": Decimal("-154.07"),
        "channel_clearing": Decimal("0.00"),
        "channel_fees": Decimal("-0.93"),
        "merchant_funds": Decimal("155.00"),
        "refunds_due_from_payers": Decimal("-155.00"),
        "refunds_in_process": Decimal("155.00"),
        "refunds_payable": Decimal("0.00"),
    }
    assert key.rows("trial_balance", "sum(balance_amount)") == [(0,)]


def test_a_chain_has_what_was_done_for_its_claim(key: Key) -> None:
    rows = key.rows(
        "refund_chains",
        "approved_amount, instructed_amount, billed_amount, fee_amount, funded_amount,"
        " refund_order_count, bill_line_count, fund_flow_count",
        "claim_id = '3000000000000000001'",
    )
    assert rows == [(*yuan("155.00", "155.00", "155.00", "-0.93", "155.00"), 2, 2, 1)]


def test_a_line_that_names_no_refund_order_is_that_of_those_that_it_pays(key: Key) -> None:
    rows = key.rows(
        "refund_chains",
        "instructed_amount, billed_amount, fee_amount, funded_amount,"
        " refund_order_count, bill_line_count, fund_flow_count",
        "claim_id = '3000000000000000002'",
    )
    assert rows == [(*yuan("368.00", "368.00", "-2.21", "368.00"), 2, 1, 2)]
    postings = key.rows(
        "ledger_events",
        "event_type, payer, amount, posting_count",
        "business_date = '2021-08-20' and account in ('channel_clearing', 'channel_fees')"
        " and event_type <> 'refund_paid'",
    )
    assert postings == [
        ("bill_paid", "merchant", Decimal("736.00"), 3),
        ("fee_returned", "merchant", Decimal("-4.42"), 2),
    ]


def test_what_came_back_in_part_and_was_paid_again_is_funded_once(key: Key) -> None:
    rows = key.rows(
        "refund_chains",
        "instructed_amount, billed_amount, fee_amount, funded_amount,"
        " refund_order_count, bill_line_count, fund_flow_count",
        "claim_id = '3000000000000000003'",
    )
    assert rows == [(*yuan("368.00", "468.00", "-2.21", "368.00"), 1, 3, 3)]


def test_every_answer_is_written_and_described(key: Key) -> None:
    text = (key.folder / "README.md").read_text(encoding="utf-8")
    for name in names():
        assert (key.folder / f"{name}.parquet").exists()
        assert f"## {name}\n" in text
    assert sorted(file.name for file in key.folder.iterdir()) == sorted(
        ["README.md", *(f"{name}.parquet" for name in names())]
    )


def test_same_truth_gives_the_same_bytes(key: Key, tmp_path: Path) -> None:
    connection = tiny_truth()
    connection.execute("set threads = 1")
    write_answers(connection, tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (key.folder / file.name).read_bytes(), file.name
