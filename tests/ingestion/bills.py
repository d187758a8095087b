"""Bills of payment channels, byte for byte as the channels write them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal

ALL = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
REFUND = ALL.replace("代金券金额,", "代金券金额,退款申请时间,退款成功时间,")
SUCCESS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


@dataclass(frozen=True)
class Row:
    """A row of a WeChat bill; a payment has no refund id. `trade` is its status as a trade."""

    refund_id: str = "0"
    number: str = "0"
    amount: str = "0.00"
    fee: str = "0.60000"
    time: str = "2021-07-01 10:00:00"
    status: str = ""
    order: str = "o1"
    goods: str = "茶, 绿色"
    trade: str = ""
    account: str = "1600488812"

    def values(self, header: str) -> list[str]:
        """Return the values under a header."""
        is_refund = self.refund_id != "0"
        named = {
            "交易时间": self.time,
            "公众账号ID": "wx81be3101902f7cb2",
            "商户号": self.account,
            "特约商户号": "0",
            "微信订单号": "4200000925202107011",
            "商户订单号": self.order,
            "用户标识": "ofyak5qR_1wYsC99CsWA6R9MJazA",
            "交易类型": "JSAPI",
            "交易状态": self.trade or ("REFUND" if is_refund else "SUCCESS"),
            "付款银行": "OTHERS",
            "货币种类": "CNY",
            "应结订单金额": "0.00" if is_refund else "100.00",
            "代金券金额": "0.00",
            "退款申请时间": self.time,
            "退款成功时间": self.time,
            "微信退款单号": self.refund_id,
            "商户退款单号": self.number,
            "退款金额": self.amount,
            "充值券退款金额": "0.00",
            "退款类型": "ORIGINAL" if is_refund else "",
            "退款状态": self.status or ("SUCCESS" if is_refund else ""),
            "商品名称": self.goods,
            "手续费": self.fee,
            "费率": "0.60%",
            "订单金额": "0.00" if is_refund else "100.00",
            "申请退款金额": self.amount,
        }
        return [named.get(name, "") for name in header.split(",")]


PAYMENT = Row()
REFUNDED = Row("50300806962021", "r1", "12.34", "-0.07000")
PROCESSING = Row("50300806962022", "r2", "5.00", "-0.03000", status="PROCESSING")


def wechat(
    *rows: Row, header: str = ALL, totals: dict[str, str] | None = None, newline: str = "\r\n"
) -> bytes:
    """Write a bill of WeChat Pay: BOM, back-ticks, a summary of two lines."""

    def add(column: str) -> str:
        names = header.split(",")
        values = (row.values(header)[names.index(column)] for row in rows if column in names)
        return str(sum((Decimal(value) for value in values), Decimal(0)))

    stated = {
        "总交易单数": str(len(rows)),
        "应结订单总金额": add("应结订单金额"),
        "退款总金额": "0.00",
        "充值券退款总金额": "0.00",
        "手续费总金额": add("手续费"),
        "订单总金额": add("订单金额"),
        "申请退款总金额": "0.00",
    }
    if totals is None:
        stated |= {"退款总金额": add("退款金额"), "申请退款总金额": add("申请退款金额")}
    stated |= totals or {}
    lines = [header, *(_ticked(row.values(header)) for row in rows)]
    lines += [TOTALS, _ticked(stated[name] for name in TOTALS.split(","))]
    return ("\ufeff" + newline.join(lines) + newline).encode()


def _ticked(values: object) -> str:
    return ",".join(f"`{value}" for value in values)  # type: ignore[attr-defined]


ALIPAY = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
PAID_IN = ("54632446537371", "2021070192202901", "o1", "100.00", "0.00", "在线支付")
REFUND_OUT = ("54632446537372", "2021070192202902", "o1", "0.00", "-12.34", "交易退款")
FEE_BACK = ("54632446537373", "2021070192202902", "o1", "0.07", "0.00", "退费")
CAME_BACK = ("54632446537374", "2021070192202903", "o2", "5.00", "0.00", "退款退回")
FEE_CHARGED = ("54632446537375", "2021070192202903", "o2", "0.00", "-0.03", "收费")


def alipay(
    *rows: tuple[str, str, str, str, str, str],
    footer: bool = True,
    totals: tuple[str, str] | None = None,
    encoding: str = "gb18030",
) -> bytes:
    """Write an account bill of Alipay: comments around, tabs after the numbers."""
    expenses = [Decimal(row[4]) for row in rows if Decimal(row[4])]
    incomes = [Decimal(row[3]) for row in rows if Decimal(row[3].replace(",", ""))]
    out, into = totals or (str(sum(expenses) or "0.00"), str(sum(incomes) or "0.00"))
    lines = [
        "#支付宝账务明细查询",
        "#账号：[20886315270000000156]",
        "#起始日期：[2021年07月01日 00:00:00]   终止日期：[2021年07月02日 00:00:00]",
        "#-----------------------------------------账务明细列表----------------------------------",
        ALIPAY,
    ]
    lines += [
        f"{flow}\t,{business}\t,{order}\t,茶𠀀\t,2021-07-01 21:02:06,张青 (133****6888)\t,{income},"
        f"{expense},14533.03,支付宝,{kind},\t"
        for flow, business, order, income, expense, kind in rows
    ]
    if footer:
        lines += [
            "#----------------------------------------账务明细列表结束-------------------------------",
            f"#支出合计：{len(expenses)}笔，共{out}元",
            f"#收入合计：{len(incomes)}笔，共{into}元",
            "#导出时间：[2021年07月02日 09:19:01]",
        ]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def zipped(content: bytes) -> bytes:
    """Pack a bill as Alipay does: beside a summary, under names in GBK."""
    packed = io.BytesIO()
    names = {"AAAAAAAA.csv": "账务明细.csv", "AAAAAAAA(BBBB).csv": "账务明细(汇总).csv"}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in zip(names, (content, b"#"), strict=True):
            archive.writestr(name, data)
    archived = packed.getvalue()
    for name, real in names.items():
        archived = archived.replace(name.encode(), real.encode("gbk"))
    return archived
