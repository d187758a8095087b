"""The transactions of a shop become orders, lines, products, customers and claims."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.home import AnxinError
from orchestration.ingestion import manifest, repeats
from orchestration.ingestion.sources import MACROS

from .conftest import Room

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = [
    "536365,85123A,HEART,6,2011-07-01 08:26:00,2.55,17850,United Kingdom",
    "536365,85123A,HEART,6,2011-07-01 08:26:00,2.55,17850,United Kingdom",
    "536365,85123a,heart,1,2011-07-01 08:27:00,2.675,17850,United Kingdom",
    "C536379,D,Discount,-1,2011-01-01 09:41:00,27.50,14527,France",
    "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
    "536370,POST,POSTAGE,3,2011-01-01 08:45:00,18.005,17850,Spain",
    "536380,22139,,-24,2011-01-02 08:45:00,0,,United Kingdom",
    "536381,DCGS0003,BOXED GLASS,1,2011-01-02 08:45:00,0.001,,United Kingdom",
    "536381,gift_0001_20,VOUCHER,1,2011-01-02 08:45:00,20,,United Kingdom",
    "536381,BANK CHARGES,,1,2011-01-02 08:45:00,0.015,,United Kingdom",
]
OTHER_CANCELLATION = "C536379,22139,GLASS,-1,2011-01-01 09:41:00,3.50,14527,France"
WHERE = {"feed": "transactions", "source": "online_retail"}


def put(room: Room, *rows: str, name: str = "a.csv") -> str:
    """Put transactions as CSV."""
    return room.put("\n".join([HEADER, *rows]) + "\n", name, **WHERE)


@pytest.fixture(params=["csv", "parquet", "jsonl"])
def retail(room: Room, request: pytest.FixtureRequest, tmp_path: Path) -> Room:
    """The ten rows above, ingested from one of the formats."""
    path = put(room, *ROWS)
    if request.param != "csv":
        source = room.home.landing / path
        file = tmp_path / f"a.{request.param}"
        kinds = "types = {'InvoiceNo': 'varchar', 'StockCode': 'varchar', 'Quantity': 'double'"
        kinds += ", 'UnitPrice': 'double', 'CustomerID': 'double', 'InvoiceDate': 'timestamp'}"
        how = "format parquet" if request.param == "parquet" else "format json"
        duckdb.execute(
            f"copy (from read_csv('{source}', {kinds}, hive_partitioning = false)) to '{file}'"
            f" ({how})"
        )
        source.unlink()
        room.put(file.read_bytes(), file.name, **WHERE)
    room.ingest()
    return room


def test_rows_become_entities_that_agree(retail: Room) -> None:
    assert retail.all("select rows_read, rows_accepted, rows_quarantined from raw.deliveries") == [
        (10, 9, 1)
    ]
    assert retail.reasons() == [
        (5, "InvoiceNo", "InvoiceNo begins with A: an adjustment of bad debt, no sale")
    ]
    assert retail.all("select entity, row_count from raw.delivery_entities order by all") == [
        ("claims", 1),
        ("customers", 2),
        ("order_lines", 8),
        ("orders", 4),
        ("products", 8),
    ]


def test_lines_are_numbered_within_their_invoice_and_rounded_to_pence(retail: Room) -> None:
    assert retail.all(
        "select line_id, order_id, product_id, item_count, pay_amount from raw.order_lines"
        " order by _row_number"
    ) == [
        (f"online_retail:{line}", f"online_retail:{order}", f"online_retail:{code}", count, pence)
        for line, order, code, count, pence in [
            ("536365-1", "536365", "85123A", 6, 1530),
            ("536365-2", "536365", "85123A", 6, 1530),
            ("536365-3", "536365", "85123a", 1, 268),
            ("536370-1", "536370", "POST", 3, 5402),
            ("536380-1", "536380", "22139", 0, 0),
            ("536381-1", "536381", "DCGS0003", 1, 0),
            ("536381-2", "536381", "gift_0001_20", 1, 2000),
            ("536381-3", "536381", "BANK CHARGES", 1, 2),
        ]
    ]


def test_an_order_is_paid_at_its_first_local_time_and_costs_what_its_lines_cost(
    retail: Room,
) -> None:
    assert retail.all(
        "select order_id, merchant_id, customer_id, pay_amount, order_amount, currency_code,"
        " paid_at::varchar, created_at = paid_at, updated_at::varchar from raw.orders"
        " order by _row_number limit 2"
    ) == [
        (
            "online_retail:536365",
            "online_retail:shop",
            "online_retail:17850",
            3328,
            3328,
            "GBP",
            "2011-07-01 07:26:00",
            True,
            "2011-07-01 07:27:00",
        ),
        (
            "online_retail:536370",
            "online_retail:shop",
            "online_retail:17850",
            5402,
            5402,
            "GBP",
            "2011-01-01 08:45:00",
            True,
            "2011-01-01 08:45:00",
        ),
    ]
    assert (
        retail.one(
            "select count(*) from raw.orders full join (select order_id, sum(pay_amount) as paid"
            " from raw.order_lines group by order_id) as lines using (order_id)"
            " where paid is distinct from pay_amount"
        )
        == 0
    )


def test_a_cancellation_is_a_refunded_claim_without_a_sale(retail: Room) -> None:
    assert retail.all(
        "select claim_id, order_id, line_id, customer_id, claim_type, claim_status, refund_status,"
        " refund_amount, refunded_at::varchar, currency_code from raw.claims"
    ) == [
        (
            "online_retail:C536379-1",
            None,
            None,
            "online_retail:14527",
            1,
            12,
            3,
            2750,
            "2011-01-01 09:41:00",
            "GBP",
        )
    ]


def test_goods_come_back_with_the_cancellation_of_goods_alone(room: Room) -> None:
    at = "2011-01-01 09:41:00,27.50,14527,France"
    put(room, f"C1,22139,GLASS,-1,{at}", f"C1,DCGS0003,BOXED,-1,{at}", f"C1,POST,POSTAGE,-1,{at}")
    room.ingest()
    assert room.all("select claim_type from raw.claims order by _row_number") == [(0,), (0,), (1,)]


def test_an_invoice_that_only_writes_off_stock_was_never_paid(retail: Room) -> None:
    assert retail.all(
        "select order_id, order_status from raw.orders where paid_at is null order by all"
    ) == [("online_retail:536380", 4)]
    assert retail.one("select count(*) from raw.orders where order_status = 5") == 3


def test_products_and_customers_are_as_the_latest_row_says(retail: Room) -> None:
    assert retail.all(
        "select product_id[15:], product_name, is_pseudo_product from raw.products order by all"
    ) == [
        ("22139", None, False),
        ("85123A", "HEART", False),
        ("85123a", "heart", False),
        ("BANK CHARGES", None, True),
        ("D", "Discount", True),
        ("DCGS0003", "BOXED GLASS", False),
        ("POST", "POSTAGE", True),
        ("gift_0001_20", "VOUCHER", True),
    ]
    assert retail.all("select customer_id[15:], country from raw.customers order by all") == [
        ("14527", "France"),
        ("17850", "United Kingdom"),
    ]


def test_control_totals_show_the_rounding(retail: Room) -> None:
    totals = dict(
        retail.all(
            "select total_name, total_value from raw.control_totals where entity = 'transactions'"
        )
    )
    assert totals == {
        "sales_unrounded": Decimal("107.306"),
        "sales_rounded": Decimal("107.32"),
        "rounding_difference": Decimal("0.014"),
        "refunds_unrounded": Decimal("27.5"),
        "refunds_rounded": Decimal("27.5"),
    }


def test_a_row_that_no_mapping_can_carry_names_the_files_column(room: Room) -> None:
    good = ROWS[0]
    put(
        room,
        good,
        good.replace(",6,", ",six,"),
        good.replace(",6,", ",6.5,"),
        good.replace("2.55", "free"),
        good.replace("2011-07-01 08:26:00", "2011-07-01T08:26:00+08:00"),
        good.replace("17850", "17850.5"),
        good.replace("85123A", ""),
        good.replace("2.55", "-2.55"),
        good.replace("536365", "53:6365"),
        good.replace("2011-07-01", "0022-07-01"),
        good.replace("536365", ""),
    )
    report = room.ingest()
    assert [(number, column) for number, column, _ in room.reasons()] == [
        (2, "Quantity"),
        (3, "Quantity"),
        (4, "UnitPrice"),
        (5, "InvoiceDate"),
        (6, "CustomerID"),
        (7, "StockCode"),
        (8, "order_amount"),
        (9, "line_id"),
        (10, "updated_at"),
        (11, "InvoiceNo"),
    ]
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (11, 1, 10)
    counts = dict(room.all("select entity, row_count from raw.delivery_entities"))
    assert counts == {"orders": 1, "order_lines": 1, "products": 1, "customers": 1, "claims": 0}
    assert room.one("select pay_amount from raw.orders") == 1530


def test_a_quarantined_row_is_missing_from_every_entity(room: Room) -> None:
    put(room, ROWS[0], ROWS[0].replace("2.55", "-99.00").replace("85123A", "22000"))
    room.ingest()
    assert room.one("select pay_amount from raw.orders") == 1530
    assert room.one("select count(*) from raw.products") == 1
    assert room.all("select line_id from raw.order_lines") == [("online_retail:536365-1",)]


def test_a_missing_column_is_named(room: Room) -> None:
    path = room.put("InvoiceNo,StockCode\n1,2\n", **WHERE)
    room.ingest()
    status, reason = room.status(path)
    assert status == "rejected"
    assert "the file lacks the column Description" in reason


def test_a_nul_is_found_before_any_mapping(room: Room) -> None:
    put(room, ROWS[0], ROWS[0].replace("HEART", "HE\0RT"))
    room.ingest()
    assert room.reasons() == [(2, "Description", "Description holds a NUL character")]


def test_a_file_without_rows_has_no_totals(room: Room) -> None:
    path = put(room)
    room.ingest()
    assert room.status(path) == ("loaded", "")
    assert room.one("select sum(total_value) from raw.control_totals") == 0


@pytest.mark.parametrize(("first", "second"), [(ROWS[0], ROWS[2]), (ROWS[3], OTHER_CANCELLATION)])
def test_an_invoice_in_two_files_is_held_and_not_half_replaced(
    room: Room, first: str, second: str
) -> None:
    put(room, first, name="part1.csv")
    path = put(room, second, name="part2.csv")
    room.ingest()
    room.settle()
    assert room.status(path) == (
        "held",
        "1 of its lines stand in delivery 1"
        " (online_retail/transactions/dt=2021-08-12/part1.csv) already",
    )


def test_a_part_of_an_invoice_is_held_beside_the_whole(room: Room) -> None:
    put(room, ROWS[0], name="part.csv")
    path = put(room, ROWS[0], ROWS[1], name="whole.csv")
    room.ingest()
    room.settle()
    assert room.status(path)[0] == "held"


def test_an_invoice_may_come_again_as_it_was_and_move_to_another_file(room: Room) -> None:
    put(room, *ROWS[:3], name="january.csv")
    put(room, *ROWS, name="year.csv")
    room.ingest()
    room.settle()
    put(room, ROWS[5], name="january.csv")  # corrected: its invoice belongs elsewhere
    put(room, ROWS[0].replace("2.55", "2.65"), name="july.csv")
    put(room, ROWS[6], name="year.csv")
    room.ingest()
    room.settle()
    statuses = [row[0] for row in room.all("select status from raw.deliveries order by all")]
    assert statuses == ["accepted"] * 3 + ["superseded"] * 2
    path = put(room, ROWS[0].replace("2.55", "2.75"), name="zz.csv")
    room.ingest()
    room.settle()
    assert room.status(path)[0] == "held"


def test_other_rows_count_again_once_what_would_replace_them_is_held(room: Room) -> None:
    put(room, ROWS[0], name="a.csv")
    put(room, ROWS[5], name="z.csv")
    room.ingest()
    room.settle()
    again = put(room, ROWS[5].replace("18.005", "19"), name="a.csv")
    path = put(room, ROWS[0].replace("2.55", "2.65"), name="b.csv")
    room.ingest()
    room.settle()
    assert room.status(again)[0] == "held"
    assert room.status(path)[0] == "held"


def test_files_that_share_rows_are_read_anew_together(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(room, *ROWS[:3], name="january.csv")
    put(room, *ROWS, name="year.csv")
    room.ingest()
    room.settle()
    products = room.products("p1,Tea,food,2021-08-01T00:00:00Z")
    room.ingest()
    room.settle()
    monkeypatch.setattr("orchestration.ingestion.run.MACROS", MACROS + "-- changed\n")
    room.ingest()
    room.settle()
    assert room.status(products)[0] == "accepted"  # its rows go through no mapping
    assert room.all("select status from raw.deliveries order by delivery_id") == [
        ("superseded",),
        ("superseded",),
        ("accepted",),
        ("accepted",),
        ("accepted",),
    ]


def test_a_file_that_was_refused_for_good_is_not_read_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = room.put("no header\n", "a.csv", "transactions", "2010-12-01", "online_retail")
    room.ingest()
    manifest.reject(room.connection, {1: "nothing will come, anna"})
    monkeypatch.setattr("orchestration.ingestion.run.MACROS", MACROS + "-- changed\n")
    room.ingest()
    assert room.one("select count(*) from raw.deliveries") == 1
    assert room.status(path)[1].endswith("; nothing will come, anna")


def test_whoever_releases_a_file_learns_first_what_it_repeats(room: Room) -> None:
    first = put(room, ROWS[0], name="a.csv")
    (room.home.landing / f"{first}.manifest.json").write_text('{"rows": 9}')
    room.ingest()
    put(room, ROWS[0].replace("2.55", "2.65"), name="b.csv")
    room.ingest()
    room.settle()
    with pytest.raises(AnxinError, match="1 of its lines stand in delivery 2"):
        repeats.hold_for_more(room.connection, 1)
    assert "stand in delivery 2" in room.status(first)[1]
    repeats.hold_for_more(room.connection, 1)  # it is known by now
