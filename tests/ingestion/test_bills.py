"""Real bills become lines of the contract; a bill that is not right counts for nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest

from orchestration.closing import objections
from orchestration.ingestion import bounded, manifest

from .bills import (
    ALL,
    CAME_BACK,
    FEE_BACK,
    FEE_CHARGED,
    PAID_IN,
    PAYMENT,
    PROCESSING,
    REFUND,
    REFUND_OUT,
    REFUNDED,
    SUCCESS,
    Row,
    alipay,
    wechat,
    zipped,
)
from .conftest import Room

DT = "2021-07-01"
LINES = (
    "select bill_line_id, line_type, refund_order_id, channel_refund_id, order_id, bill_status,"
    " amount, fee_amount, account_id from raw.channel_bill_lines order by all"
)
WECHAT_LINES = [
    (
        "wechat_pay-50300806962021-20210701-1",
        "refund",
        "r1",
        "50300806962021",
        "o1",
        "SUCCESS",
        1234,
        -7,
        "wechat-1600488812",
    ),
    (
        "wechat_pay-50300806962022-20210701-1",
        "refund",
        "r2",
        "50300806962022",
        "o1",
        "PROCESSING",
        500,
        -3,
        "wechat-1600488812",
    ),
]


def put(room: Room, content: bytes, name: str = "bill.csv", feed: str = "trade_bill_all") -> str:
    """Put a bill of WeChat Pay."""
    return room.put(content, name, feed, DT, "wechat_pay")


def put_alipay(room: Room, content: bytes, name: str = "bill.csv") -> str:
    """Put a bill of Alipay."""
    return room.put(content, name, "account_bill", DT, "alipay")


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("name", ["bill.csv", "bill.csv.gz"])
def test_the_refunds_of_a_wechat_bill_become_bill_lines(
    room: Room, name: str, newline: str
) -> None:
    content = wechat(PAYMENT, REFUNDED, PROCESSING, newline=newline)
    path = put(room, gzip.compress(content) if name.endswith("gz") else content, name)
    room.ingest()
    assert room.status(path) == ("loaded", "")
    assert room.all(LINES) == WECHAT_LINES
    assert room.one("select rows_accepted from raw.deliveries") == 3
    assert dict(room.all("select total_name, total_value::varchar from raw.control_totals")) == {
        "amount": "1734.000000",
        "fee_amount": "-10.000000",
        "rows as stated": "3.000000",
        "应结订单金额 as stated": "100.000000",
        "退款金额 as stated": "17.340000",
        "充值券退款金额 as stated": "0.000000",
        "手续费 as stated": "0.500000",
        "申请退款金额 as stated": "17.340000",
    }
    assert room.all(
        "select distinct bill_date, transacted_at, updated_at, source from raw.channel_bill_lines"
    ) == [
        (
            date(2021, 7, 1),
            datetime(2021, 7, 1, 2),  # noqa: DTZ001 (UTC)
            datetime(2021, 7, 2, 2),  # noqa: DTZ001
            "wechat_pay",
        )
    ]


def test_bills_of_type_refund_and_all_bring_the_same_lines_under_the_same_ids(room: Room) -> None:
    put(room, wechat(PAYMENT, REFUNDED, PROCESSING))
    put(room, wechat(REFUNDED, PROCESSING, header=REFUND), feed="trade_bill_refund")
    path = put(room, wechat(PAYMENT, header=SUCCESS), feed="trade_bill_success")
    report = room.ingest()
    assert (report.loaded, report.held, report.rejected) == (3, 0, 0)
    assert sorted(set(room.all(LINES))) == WECHAT_LINES
    assert room.one("select count(*) from raw.channel_bill_lines") == 4
    assert room.status(path) == ("loaded", "")


def test_two_lines_of_one_refund_on_one_day_are_two_payouts(room: Room) -> None:
    put(room, wechat(REFUNDED, replace(REFUNDED, time="2021-07-01 11:00:00")))
    room.ingest()
    assert room.all("select bill_line_id from raw.channel_bill_lines order by 1") == [
        ("wechat_pay-50300806962021-20210701-1",),
        ("wechat_pay-50300806962021-20210701-2",),
    ]


def test_a_payment_that_was_cancelled_pays_money_back(room: Room) -> None:
    nameless = Row(amount="8.00", fee="-0.05000", trade="REVOKED", order="o2")
    named = replace(REFUNDED, amount="3.00", trade="REVOKED", status="PROCESSING")
    unpaid = replace(PAYMENT, trade="REVOKED")
    put(room, wechat(PAYMENT, unpaid, nameless, nameless, named, REFUNDED))
    put(room, wechat(nameless, nameless, named, REFUNDED, header=REFUND), feed="trade_bill_refund")
    report = room.ingest()
    assert (report.loaded, report.rows_quarantined) == (2, 0)
    revoked = "wechat_pay-4200000925202107011-REVOKED-20210701"
    lines = (
        "select bill_line_id, refund_order_id, channel_refund_id, bill_status, amount, fee_amount"
        " from raw.channel_bill_lines where _delivery_id = ? order by all"
    )
    assert room.all(lines, 1) == [
        (f"{revoked}-1", None, None, "SUCCESS", 800, -5),
        (f"{revoked}-2", None, None, "SUCCESS", 800, -5),
        ("wechat_pay-50300806962021-20210701-1", "r1", "50300806962021", "SUCCESS", 1234, -7),
        ("wechat_pay-50300806962021-20210701-2", "r1", "50300806962021", "PROCESSING", 300, -7),
    ]
    assert room.all(lines, 2) == room.all(lines, 1)


def test_a_row_whose_status_nobody_knows_is_refused_and_not_lost(room: Room) -> None:
    strange = replace(PAYMENT, trade="CLOSED")
    silent = replace(PAYMENT, amount="much")
    put(room, wechat(strange, REFUNDED, silent, totals={"退款总金额": "12.34"}))
    put(room, wechat(strange, PAYMENT, header=SUCCESS), feed="trade_bill_success")
    room.ingest()
    assert room.reasons() == [
        (1, "交易状态", "交易状态 'CLOSED' is no known status"),
        (1, "交易状态", "交易状态 'CLOSED' is no payment"),
        (3, "退款金额", "退款金额 'much' is no amount in yuan"),
    ]
    assert room.all("select rows_accepted, rows_quarantined from raw.deliveries order by all") == [
        (1, 1),
        (1, 2),
    ]


def test_a_refund_without_any_number_is_refused(room: Room) -> None:
    nameless = Row(amount="8.00", fee="-0.05000", trade="REFUND", status="SUCCESS")
    content = wechat(nameless, nameless).replace(b"`4200000925202107011,", b"`,", 1)
    put(room, content)
    room.ingest()
    assert room.reasons() == [
        (1, "微信订单号", "微信订单号 '' is no number, nor has the refund one")
    ]
    assert room.all("select bill_line_id, channel_refund_id from raw.channel_bill_lines") == [
        ("wechat_pay-4200000925202107011-REFUND-20210701-1", None)
    ]


@pytest.mark.parametrize("header", [ALL, REFUND, SUCCESS])
def test_a_day_without_rows_is_a_delivery(room: Room, header: str) -> None:
    feed = {ALL: "trade_bill_all", REFUND: "trade_bill_refund", SUCCESS: "trade_bill_success"}
    path = put(room, wechat(header=header), feed=feed[header])
    other = put_alipay(room, alipay())
    room.ingest()
    assert (room.status(path), room.status(other)) == (("loaded", ""), ("loaded", ""))
    assert room.one("select count(*) from raw.channel_bill_lines") == 0


def test_columns_are_read_by_name(room: Room) -> None:
    names = ALL.split(",")
    put(room, wechat(REFUNDED, PROCESSING, header=",".join(reversed(names))))
    room.ingest()
    assert room.all(LINES) == WECHAT_LINES


@pytest.mark.parametrize("name", ["bill.csv", "bill.csv.zip"])
def test_the_refunds_of_an_alipay_bill_become_bill_lines(room: Room, name: str) -> None:
    content = alipay(PAID_IN, REFUND_OUT, FEE_BACK, CAME_BACK)
    path = put_alipay(room, zipped(content) if name.endswith("zip") else content, name)
    room.ingest()
    assert room.status(path) == ("loaded", "")
    account = "alipay-20886315270000000156"
    assert room.all(LINES) == [
        (
            "alipay-54632446537372",
            "refund",
            None,
            "2021070192202902",
            "o1",
            "SUCCESS",
            1234,
            -7,
            account,
        ),
        (
            "alipay-54632446537374",
            "return",
            None,
            "2021070192202903",
            "o2",
            "CHANGE",
            500,
            None,
            account,
        ),
    ]


@pytest.mark.parametrize("name", ["__MACOSX/._bill.csv", ".DS_Store", "bill/.DS_Store"])
def test_what_a_mac_packs_beside_a_bill_is_no_bill(room: Room, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bill/账务明细.csv", alipay(REFUND_OUT))
        archive.writestr(name, b"\0")
    path = put_alipay(room, packed.getvalue(), "bill.csv.zip")
    room.ingest()
    assert room.status(path) == ("loaded", "")


def alipay_fees(room: Room, *rows: tuple[str, str, str, str, str, str]) -> list[tuple[object, ...]]:
    """Deliver an account bill; return number, type and fee of its lines."""
    path = put_alipay(room, alipay(*rows))
    room.ingest()
    assert room.status(path) == ("loaded", "")
    return room.all(
        "select bill_line_id[-2:], line_type, fee_amount from raw.channel_bill_lines order by all"
    )


def test_each_fee_goes_to_the_refund_of_its_place_among_those_of_a_number(room: Room) -> None:
    second, fee = ("54632446537382", *REFUND_OUT[1:]), ("54632446537383", *FEE_BACK[1:])
    fees = [FEE_BACK, (*fee[:3], "0.05", *fee[4:])]
    rows = [*fees, second, REFUND_OUT]  # the fees may stand before their refunds
    assert alipay_fees(room, *rows) == [("72", "refund", -5), ("82", "refund", -7)]


@pytest.mark.parametrize("order", [1, -1])
def test_a_fee_that_is_given_back_is_none_of_a_return(room: Room, order: int) -> None:
    back = (CAME_BACK[0], *REFUND_OUT[1:3], *CAME_BACK[3:])
    rows = [back, FEE_BACK, REFUND_OUT][::order]
    assert alipay_fees(room, *rows) == [("72", "refund", -7), ("74", "return", None)]


def test_further_fees_of_a_number_add_to_its_last_refund(room: Room) -> None:
    more = ("54632446537383", *FEE_BACK[1:3], "0.02", *FEE_BACK[4:])
    assert alipay_fees(room, REFUND_OUT, FEE_BACK, more) == [("72", "refund", -9)]


def test_a_fee_that_is_charged_is_that_of_a_return(room: Room) -> None:
    rows = [REFUND_OUT, FEE_BACK, FEE_CHARGED, CAME_BACK]
    assert alipay_fees(room, *rows) == [("72", "refund", -7), ("74", "return", 3)]
    assert room.one("select rows_quarantined from raw.deliveries") == 0


def test_a_fee_that_may_be_that_of_a_payment_is_none_of_a_return(room: Room) -> None:
    of_payment = ("54632446537376", *PAID_IN[1:3], *FEE_CHARGED[3:])
    paid_too = (PAID_IN[0], *CAME_BACK[1:3], *PAID_IN[3:])
    assert alipay_fees(room, PAID_IN, of_payment, CAME_BACK) == [("74", "return", None)]
    assert alipay_fees(room, paid_too, FEE_CHARGED, CAME_BACK)[0] == ("74", "return", None)
    assert room.one("select sum(rows_quarantined) from raw.deliveries") == 0


def test_the_channels_answer_as_sidecar_proves_the_bill(room: Room) -> None:
    content = wechat(REFUNDED)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    answers = {
        "right.csv": {"hash_type": "SHA1", "hash_value": sha1, "download_url": "x"},
        "right.csv.gz": {"hash_type": "SHA1", "hash_value": sha1.upper()},
        "wrong.csv": {"hash_type": "SHA1", "hash_value": "0" * 40},
        "odd.csv": {"hash_type": "MD5", "hash_value": sha1},
    }
    other = replace(REFUNDED, refund_id="77", number="r7")
    for name, answer in answers.items():
        put(room, json.dumps(answer).encode(), f"{name}.manifest.json")
        if name == "right.csv.gz":
            put(room, gzip.compress(content), name, "trade_bill_all")
        else:
            put(room, content if name == "right.csv" else wechat(other), name)
    room.ingest()
    found = {name: room.status(f"wechat_pay/trade_bill_all/dt={DT}/{name}") for name in answers}
    assert found["right.csv"] == ("loaded", "")
    assert "SHA-1" not in found["right.csv.gz"][1]
    assert found["wrong.csv"][0] == "held"
    assert f"wrong.csv.manifest.json states the SHA-1 {'0' * 40}" in found["wrong.csv"][1]
    assert "a hash of the kind MD5" in found["odd.csv"][1]


BAD_WECHAT = {
    "cut before the totals": (
        b"\r\n".join(wechat(PAYMENT, REFUNDED).split(b"\r\n")[:3]) + b"\r\n",
        "the bill has no line of totals at its end: it is cut off",
    ),
    "cut within the totals": (
        wechat(REFUNDED)[:-20],
        "the bill has no line of totals at its end: it is cut off",
    ),
    "GB18030": (wechat(REFUNDED).decode().encode("gb18030"), "line 1 is not UTF-8 at byte 1"),
    "REFUND": (wechat(REFUNDED, header=REFUND), "the header is that of the feed trade_bill_refund"),
    "SUCCESS": (
        wechat(PAYMENT, header=SUCCESS),
        "the header is that of the feed trade_bill_success: it lacks 微信退款单号",
    ),
    "alipay": (
        alipay(REFUND_OUT, encoding="utf-8"),
        "is no bill of this feed: its header lacks",
    ),
    "a lost column": (wechat(REFUNDED, header=ALL.replace("退款金额,充", "充")), "lacks 退款金额"),
    "no number of rows": (
        wechat(REFUNDED, totals={"总交易单数": "many"}),
        "the bill states 总交易单数 as 'many', which is no number",
    ),
    "rows after the totals": (
        wechat(REFUNDED) + wechat(PROCESSING).split(b"\r\n")[1] + b"\r\n",
        "line 5 stands after the totals",
    ),
}


@pytest.mark.parametrize(("content", "reason"), BAD_WECHAT.values(), ids=BAD_WECHAT)
def test_a_wechat_bill_that_is_none_is_rejected(room: Room, content: bytes, reason: str) -> None:
    path = put(room, content)
    room.ingest()
    status, found = room.status(path)
    assert (status, reason in found) == ("rejected", True), found
    assert room.one("select count(*) from raw.channel_bill_lines") == 0


def test_a_line_without_end_is_not_read_whole(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "FIELD_LIMIT", 1 << 20)
    path = put(room, wechat(replace(REFUNDED, goods="x" * (2 << 20))))
    room.ingest()
    assert room.status(path) == ("rejected", "line 2 has more than 1 MiB")


def test_a_cut_row_is_not_taken_for_a_shorter_one(room: Room) -> None:
    lines = wechat(PAYMENT, REFUNDED).split(b"\r\n")
    lines[2] = lines[2][:-60]
    path = put(room, b"\r\n".join(lines))
    room.ingest()
    status, reason = room.status(path)
    assert status == "held"
    assert "the bill states the sum of 退款金额 as 12.34, the file has 0" in reason
    assert "values, the header has 27 names" in room.reasons()[0][2]


BAD_ALIPAY = {
    "no footer": (alipay(REFUND_OUT, footer=False), "no lines of totals at its end: it is cut off"),
    "UTF-8": (alipay(REFUND_OUT, encoding="utf-8"), "line "),
    "WeChat": (
        wechat(REFUNDED).decode().encode("gb18030"),
        "is no bill of this feed: its header lacks",
    ),
    "a lost total": (
        alipay(REFUND_OUT).replace("#收入合计".encode("gb18030"), b"#"),
        "the totals of the bill lack 收入合计",
    ),
    "a bare carriage return": (alipay(REFUND_OUT).replace(b"\t,", b"\r,", 1), "is no CSV"),
    "no account": (
        alipay(REFUND_OUT).replace("#账号".encode("gb18030"), b"#"),
        "the comments before the header name no 账号",
    ),
}


@pytest.mark.parametrize(("content", "reason"), BAD_ALIPAY.values(), ids=BAD_ALIPAY)
def test_an_alipay_bill_that_is_none_is_rejected(room: Room, content: bytes, reason: str) -> None:
    path = put_alipay(room, content)
    room.ingest()
    status, found = room.status(path)
    assert (status, reason in found) == ("rejected", True), found
    assert room.one("select count(*) from raw.channel_bill_lines") == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(alipay(REFUND_OUT))[:-30], "the zip data is damaged or cut off"),
        (b"PK", "the zip data is damaged or cut off"),
    ],
)
def test_a_damaged_archive_is_rejected(room: Room, content: bytes, reason: str) -> None:
    path = put_alipay(room, content, "bill.csv.zip")
    room.ingest()
    assert room.status(path)[0] == "rejected"
    assert reason in room.status(path)[1]


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        (
            {"总交易单数": "3", "退款总金额": "12.34", "申请退款总金额": "12.34"},
            "states 3 rows, it has 2",
        ),
        (
            {"退款总金额": "12.35", "申请退款总金额": "12.34"},
            "the bill states the sum of 退款金额 as 12.35, the file has 12.34",
        ),
        (
            {"手续费总金额": "0.00", "退款总金额": "12.34", "申请退款总金额": "12.34"},
            "the bill states the sum of 手续费 as 0.00, the file has 0.53",
        ),
        (
            {"退款总金额": "much", "申请退款总金额": "12.34"},
            "the bill states the sum of 退款金额 as 'much', which is no number",
        ),
        (
            {"退款总金额": "NaN", "申请退款总金额": "12.34"},
            "the bill states the sum of 退款金额 as 'NaN', which is no number",
        ),
        (
            {"退款总金额": "1e40", "申请退款总金额": "12.34"},
            "the bill states the sum of 退款金额 as",
        ),
    ],
)
def test_a_wechat_bill_that_its_totals_contradict_is_held(
    room: Room, totals: dict[str, str], reason: str
) -> None:
    path = put(room, wechat(PAYMENT, REFUNDED, totals=totals))
    room.ingest()
    status, found = room.status(path)
    assert status == "held"
    assert reason in found


def test_an_alipay_bill_that_its_totals_contradict_is_held(room: Room) -> None:
    path = put_alipay(room, alipay(PAID_IN, REFUND_OUT, totals=("-12.34", "100.01")))
    room.ingest()
    assert room.status(path) == (
        "held",
        "the bill states the sum of 收入金额（+元） as 100.01, the file has 100",
    )


def test_a_grouped_amount_is_named_and_its_bill_held(room: Room) -> None:
    path = put(
        room,
        wechat(
            PAYMENT,
            replace(REFUNDED, amount="1,234.5"),
            totals={"退款总金额": "1234.50", "申请退款总金额": "1234.50"},
        ),
    )
    row = (*REFUND_OUT[:4], '"-1,234.5"', REFUND_OUT[5])
    other = put_alipay(room, alipay_with(row))
    room.ingest()
    assert room.status(path)[0] == "held"
    assert room.status(other)[0] == "held"
    assert room.reasons() == [
        (1, "支出金额（-元）", "支出金额（-元） '-1,234.5' is no amount in yuan"),
        (2, "退款金额", "退款金额 '1,234.5' is no amount in yuan"),
    ]
    assert room.one("select count(*) from raw.channel_bill_lines") == 0


def alipay_with(row: tuple[str, str, str, str, str, str]) -> bytes:
    """Write an account bill with a row whose amount is no number."""
    plain = (*row[:4], "-1234.50", row[5])
    return alipay(plain).replace(b",-1234.50,", f",{row[4]},".encode())


def test_a_fee_whose_refund_the_bill_lacks_is_refused_and_not_lost(room: Room) -> None:
    alone = ("54632446537375", "2021070192202999", "o9", "0.09", "0.00", "退费")
    path = put_alipay(room, alipay(PAID_IN, REFUND_OUT, FEE_BACK, alone))
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert room.reasons() == [
        (4, "业务流水号", f"业务流水号 '2021070192202999' {objections.ELSEWHERE}")
    ]
    assert room.one("select sum(fee_amount) from raw.channel_bill_lines") == -7
    assert room.all("select rows_read, rows_accepted, rows_quarantined from raw.deliveries") == [
        (4, 3, 1)
    ]


def test_a_refund_without_a_number_of_its_own_is_refused(room: Room) -> None:
    nameless = [("", *REFUND_OUT[1:]), ("", *CAME_BACK[1:])]
    path = put_alipay(room, alipay(*nameless, FEE_BACK))
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert room.reasons() == [
        (1, "账务流水号", "账务流水号 '' is no number"),
        (2, "账务流水号", "账务流水号 '' is no number"),
        (3, "业务流水号", f"业务流水号 '{FEE_BACK[1]}' is no refund of this bill"),
    ]
    assert room.one("select count(*) from raw.channel_bill_lines") == 0


def test_a_day_that_comes_again_under_another_name_is_held(room: Room) -> None:
    first = put(room, wechat(REFUNDED))
    room.ingest()
    manifest.accept(room.connection, [1])
    again = put(room, wechat(PAYMENT, REFUNDED), "again.csv")
    room.ingest()
    room.settle()
    assert room.status(first)[0] == "accepted"
    assert room.status(again) == (
        "held",
        f"1 of its lines stand in delivery 1 ({first}) already",
    )
    corrected = put(room, wechat(REFUNDED, PROCESSING))
    room.ingest()
    manifest.accept(room.connection, [3])
    assert room.status(corrected)[0] == "accepted"
    assert (
        room.one(
            "select count(*) from raw.channel_bill_lines inner join raw.deliveries"
            " on _delivery_id = delivery_id where status = 'accepted'"
        )
        == 2
    )


def test_a_bill_of_another_day_is_held(room: Room) -> None:
    path = put(room, wechat(Row("5", "r5", "1.00", time="2021-07-02 00:00:00")))
    room.ingest()
    assert room.status(path) == (
        "held",
        "lines of the bill are of 2021-07-02, but dt is 2021-07-01",
    )


FLOW = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,售后编号,下单时间,"
    "商品ID,商品名称,达人ID,达人名称,订单类型,订单实付应结,订单退款,平台服务费,佣金,备注"
)


def flow(number: str, direction: str, amount: str, scene: str) -> str:
    """Write a row of a shop's account movements."""
    named = {
        "动账时间": "2021-07-01 10:00:00",
        "动帐流水号": number,
        "动账方向": direction,
        "动账金额": amount,
        "动账场景": scene,
        "订单号": "'4801\t",
        "售后编号": "'7001",
    }
    return ",".join(named.get(name, "") for name in FLOW.split(","))


def test_movements_of_a_shops_account_become_fund_flows(room: Room) -> None:
    rows = [
        flow("'901", "出账", "12.34", "退款-结算后退款-退用户"),
        flow("'902", "入账", "5.00", "退款-退款失败资金退回"),
        flow("'903", "入账", "1.00", "新场景"),
        flow("'904", "不明", "1.00", "提现"),
        flow("'905", "入账", "-5.00", "退款-退款失败资金退回"),
    ]
    path = room.put(
        ("\ufeff" + "\r\n".join([FLOW, *rows]) + "\r\n").encode(),
        "flow.csv",
        "account_flow",
        DT,
        "douyin",
    )
    room.ingest()
    assert room.status(path) == ("loaded", "")
    assert room.all(
        "select fund_flow_id, order_id, after_sale_service_number, direction, scene, amount,"
        " flowed_at from raw.fund_flows order by all"
    ) == [
        ("douyin-901", "4801", "7001", 1, 22, 1234, datetime(2021, 7, 1, 2)),  # noqa: DTZ001
        ("douyin-902", "4801", "7001", 0, 37, 500, datetime(2021, 7, 1, 2)),  # noqa: DTZ001
    ]
    assert [row[1:] for row in room.reasons()] == [
        ("动账场景", "动账场景 '新场景' is no known scene"),
        ("动账方向", "动账方向 '不明' is no known direction"),
        ("动账金额", "动账金额 '-5.00' is no amount in yuan"),
    ]


def test_a_movement_comes_once(room: Room) -> None:
    """Within a file, and in another one only as it was."""

    def put_flows(name: str, *amounts: tuple[str, str]) -> str:
        rows = [flow(number, "出账", amount, "提现") for number, amount in amounts]
        content = "\ufeff" + "\r\n".join([FLOW, *rows]) + "\r\n"
        return room.put(content.encode(), name, "account_flow", DT, "douyin")

    put_flows("a.csv", ("901", "1.00"), ("902", "2.00"))
    same = put_flows("b.csv", ("902", "2.00"), ("903", "3.00"))
    other = put_flows("c.csv", ("903", "3.50"))
    twice = put_flows("d.csv", ("904", "6.00"), ("904", "9.00"))
    room.ingest()
    assert room.status(twice) == ("held", "rows 1 and 2 have the same fund_flow_id")
    room.settle()
    assert room.status(same)[0] == "accepted"
    assert room.status(other)[0] == "held"


def test_a_number_stands_once_in_an_alipay_bill(room: Room) -> None:
    path = put_alipay(room, alipay(REFUND_OUT, REFUND_OUT))
    room.ingest()
    assert "have the same bill_line_id" in room.status(path)[1]
