"""What is planted to be found again: single orders and claims that are written out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from making.aftersales import Claim
from making.draws import DAYS, at
from making.trading import Market, Order

JULY_1, JULY_27, JULY_30 = date(2021, 7, 1), date(2021, 7, 27), date(2021, 7, 30)


@dataclass(frozen=True)
class Cases:
    """The planted orders and claims by name."""

    orders: dict[str, Order]
    claims: dict[str, Claim]


def make_cases(market: Market) -> Cases:
    """Make all planted orders and claims."""
    durian, rotten = _durian(market)
    serum, allergy = _beauty(market)
    freight, missing = _freight(market)
    withheld, early = _withheld(market)
    shirts, exchange = _exchange(market)
    shoes, refused = _refused(market)
    return Cases(
        {
            "durian": durian,
            "beauty": serum,
            "freight over three lines": freight,
            "paid after midnight": _midnight(market),
            "order after its claim": withheld,
            "exchange": shirts,
            "refused": shoes,
        },
        {
            "durian": rotten,
            "beauty": allergy,
            "whole order": missing,
            "claim before its order": early,
            "exchange": exchange,
            "refused": refused,
        },
    )


def _durian(market: Market) -> tuple[Order, Claim]:
    """Bad fruit found 4 hours after receipt, approved in under 5, refunded in full that day."""
    order = market.planted(901, at(JULY_30, "20:11:05"), ["金枕榴莲 整果 5斤"], "video")
    order.paid = at(JULY_30, "20:12:14")
    order.shipped = at(JULY_30 + timedelta(days=1), "06:30:00")
    order.received = at(DAYS[0], "10:02:37")
    claim = Claim(
        order, order.lines[0], "R6", 1, "坏果/腐烂", at(DAYS[0], "14:06:12"), order.pay_amount
    )
    claim.approve(at(DAYS[0], "18:49:30"))
    claim.refund(at(DAYS[0], "19:20:05"), order.pay_amount)
    return order, claim


def _beauty(market: Market) -> tuple[Order, Claim]:
    """Allergy 29 days after receipt, approved in 3 minutes, refunded once the goods are back."""
    order = market.planted(902, at(JULY_1, "21:40:31"), ["臻颜精华礼盒"], "shelf")
    order.paid = at(JULY_1, "21:41:20")
    order.shipped = at(JULY_1 + timedelta(days=1), "09:15:00")
    order.received = at(JULY_1 + timedelta(days=3), "15:20:10")
    claim = Claim(
        order, order.lines[0], "R7", 0, "使用后过敏", at(DAYS[1], "15:48:33"), order.pay_amount
    )
    claim.approve(at(DAYS[1], "15:51:10"))
    claim.take_back(at(DAYS[3], "11:05:44"))
    claim.refund(at(DAYS[3], "11:42:18"), order.pay_amount)
    return order, claim


def _freight(market: Market) -> tuple[Order, Claim]:
    """One freight amount over three lines, and a claim about the whole order."""
    names = ["妃子笑荔枝 5斤", "红心火龙果 8个", "百香果 3斤"]
    order = market.planted(903, at(DAYS[0], "12:28:55"), names, "shelf")
    order.freight = 1000
    order.paid = at(DAYS[0], "12:31:02")
    order.shipped = at(DAYS[0], "18:00:00")
    order.received = at(DAYS[2], "09:47:21")
    claim = Claim(order, None, None, 1, "少件/漏发", at(DAYS[2], "20:03:09"), 6000)
    claim.approve(at(DAYS[3], "08:55:00"))
    claim.refund(at(DAYS[3], "09:20:41"), 5001)
    return order, claim


def _midnight(market: Market) -> Order:
    """Placed on one Shanghai day and paid on the next, both on the same UTC day."""
    order = market.planted(904, at(DAYS[0], "23:58:20"), ["缓震跑鞋"], "video")
    order.paid = at(DAYS[1], "00:03:41")
    return order


def _withheld(market: Market) -> tuple[Order, Claim]:
    """An order whose rows come two days after the claim about it."""
    order = market.planted(905, at(DAYS[2], "18:20:10"), ["粉玫瑰 19枝 七夕花束"], "shelf")
    order.paid = at(DAYS[2], "18:21:00")
    order.withheld = True
    claim = Claim(
        order, order.lines[0], "R3", 2, "不想要了", at(DAYS[3], "09:10:30"), order.pay_amount
    )
    claim.approve(at(DAYS[3], "09:10:38"))
    claim.refund(at(DAYS[3], "09:11:15"), order.pay_amount)
    order.cancel(at(DAYS[3], "09:11:15"))
    return order, claim


def _exchange(market: Market) -> tuple[Order, Claim]:
    """A size that doesn't fit: the shirts go back, others come, no money moves."""
    order = market.planted(906, at(JULY_27, "16:02:48"), ["纯棉短袖 三件装"], "shelf")
    order.paid = at(JULY_27, "16:03:30")
    order.shipped = at(JULY_27 + timedelta(days=1), "10:40:00")
    order.received = at(JULY_30, "18:12:06")
    claim = Claim(order, order.lines[0], None, 3, "尺码不合适", at(DAYS[0], "09:02:51"), 0)
    claim.approve(at(DAYS[0], "10:12:00"))
    claim.take_back(at(DAYS[1], "15:30:27"))
    claim.close(at(DAYS[3], "10:20:15"), claim_status=14)
    return order, claim


def _refused(market: Market) -> tuple[Order, Claim]:
    """The buyer takes the shoes for fake, the merchant shows that they aren't."""
    order = market.planted(907, at(JULY_27, "20:45:19"), ["缓震跑鞋"], "video")
    order.paid = at(JULY_27, "20:46:01")
    order.shipped = at(JULY_27 + timedelta(days=1), "14:20:00")
    order.received = at(JULY_30, "11:33:40")
    claim = Claim(
        order, order.lines[0], "R1", 0, "怀疑假货", at(DAYS[0], "19:22:10"), order.pay_amount
    )
    claim.close(at(DAYS[1], "10:05:00"), claim_status=27)
    claim.close(at(DAYS[2], "10:05:00"), claim_status=28)
    return order, claim
