"""Orders and their lines: who buys what, where, and how the order goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from making.catalogue import Product, creator_ids, products
from making.customers import Customer, customers
from making.draws import DAYS, at, between, digits, draw, later, pick, weigh
from making.livestreams import Session, sessions

LINE_COUNTS = ((1, 44.0), (2, 31.0), (3, 18.0), (4, 7.0))
ITEM_COUNTS = ((1, 82.0), (2, 14.0), (3, 4.0))
FREIGHTS = ((0, 84.0), (600, 6.0), (800, 6.0), (1200, 4.0))
HOURS = tuple((hour, 1.0 if hour < 8 else 6.0 if hour < 18 else 9.0) for hour in range(24))
PERISHABLE = ("fresh", "flowers")
HOUR = 3600


@dataclass
class Line:
    """One line of an order; amounts in fen."""

    id: str
    product: Product
    item_count: int
    order_amount: int
    pay_amount: int


@dataclass
class Order:
    """One order and the moments of its life; what doesn't happen is None. Amounts in fen.

    Attributes:
        promotion: The parts of shop, platform and creator.
        cancelled: May come after the payment.
        withheld: Whether its rows are missing until the last files.
    """

    number: int
    customer: Customer
    channel: str
    creator: str | None
    session: str | None
    created: datetime
    lines: list[Line] = field(default_factory=list)
    freight: int = 0
    promotion: tuple[int, int, int] = (0, 0, 0)
    paid: datetime | None = None
    shipped: datetime | None = None
    received: datetime | None = None
    cancelled: datetime | None = None
    withheld: bool = False

    @property
    def id(self) -> str:
        """The order's id."""
        return digits("48", 19, "order", self.number)

    @property
    def order_amount(self) -> int:
        """What the goods and the freight cost before discounts."""
        return sum(line.order_amount for line in self.lines) + self.freight

    @property
    def pay_amount(self) -> int:
        """What the buyer pays."""
        return sum(line.pay_amount for line in self.lines) + self.freight

    def fill(self, chosen: list[tuple[Product, int]]) -> Order:
        """Put products with their numbers of units into the order, at full price."""
        for position, (product, count) in enumerate(chosen):
            amount = product.price * count
            line_id = digits("49", 19, "line", self.number, position)
            self.lines.append(Line(line_id, product, count, amount, amount))
        return self

    def discount(self, total: int) -> None:
        """Take a promotion off the lines, in proportion; the last line takes the rest."""
        goods, left = sum(line.order_amount for line in self.lines), total
        for line in self.lines[:-1]:
            part = total * line.order_amount // goods
            line.pay_amount -= part
            left -= part
        self.lines[-1].pay_amount -= left
        platform, creator = total * 3 // 10, total // 10 if self.creator else 0
        self.promotion = (total - platform - creator, platform, creator)

    def cancel(self, moment: datetime) -> None:
        """End the order before it is shipped."""
        self.shipped, self.received, self.cancelled = None, None, moment


def follow(order: Order) -> None:
    """Let the order be paid, shipped and received, or not."""
    key, fate = order.number, draw("fate", order.number)
    if fate < 0.06:
        if fate < 0.035:
            order.cancelled = order.created + timedelta(minutes=30)
        return
    delays = (6 * HOUR, 14 * HOUR) if fate > 0.985 else (15, 420)
    order.paid = later(order.created, *delays, "paid", key)
    perishable = order.lines[0].product.category in PERISHABLE
    if draw("presale", key) < 0.3 and not perishable:
        return
    hours = (3, 16) if perishable else (12, 60)
    order.shipped = later(order.paid, hours[0] * HOUR, hours[1] * HOUR, "shipped", key)
    hours = (18, 36) if perishable else (30, 84)
    order.received = later(order.shipped, hours[0] * HOUR, hours[1] * HOUR, "received", key)


class Market:
    """Makes the orders."""

    def __init__(self) -> None:
        self.products = products()
        self.buyers = customers()
        self.sessions = sessions()
        self.creators = creator_ids()

    def on_day(self, day: int, first: int, count: int) -> list[Order]:
        """Make the orders of one day, about three of five of them in its livestreams."""
        today = [session for session in self.sessions if session.started.date() == DAYS[day]]
        reach = [(session, float(session.views)) for session in today]
        orders = []
        for number in range(first, first + count):
            if draw("live", number) < 0.6:
                orders.append(self._live(number, weigh(reach, "session", number)))
            else:
                hour = weigh(HOURS, "hour", number)
                start = at(DAYS[day], f"{hour:02d}:00:00")
                orders.append(self._elsewhere(number, later(start, 0, HOUR - 1, "at", number)))
        return orders

    def in_july(self, first: int, count: int) -> list[Order]:
        """Make orders of July that are still under way or open to a claim, most of them late."""
        orders = []
        for number in range(first, first + count):
            days = 1 + int(draw("back", number) ** 1.4 * 7)
            hour = weigh(HOURS, "hour", number)
            start = at(DAYS[0], f"{hour:02d}:00:00") - timedelta(days=days)
            orders.append(self._elsewhere(number, later(start, 0, HOUR - 1, "at", number)))
        return orders

    def planted(self, number: int, created: datetime, names: list[str], channel: str) -> Order:
        """Make an order for given products, one unit each; nothing happens to it yet."""
        order = self._new(number, created, channel, None, None)
        if channel == "video":
            order.creator = pick(self.creators, "creator", number)
        by_name = {product.name: product for product in self.products}
        return order.fill([(by_name[name], 1) for name in names])

    def _live(self, number: int, session: Session) -> Order:
        length = int((session.ended - session.started).total_seconds())
        created = later(session.started, 240, length - 30, "at", number)
        order = self._new(number, created, "live", session.creator, session.id)
        shops = [(shop, 3.0 if place == 0 else 2.0) for place, shop in enumerate(session.shops)]
        return self._complete(order, weigh(shops, "shop", number))

    def _elsewhere(self, number: int, created: datetime) -> Order:
        channel = "video" if draw("video", number) < 0.5 else "shelf"
        creator = pick(self.creators, "creator", number) if channel == "video" else None
        order = self._new(number, created, channel, creator, None)
        return self._complete(order, between(0, 11, "shop", number))

    def _new(
        self, number: int, created: datetime, channel: str, creator: str | None, session: str | None
    ) -> Order:
        known = [buyer for buyer in self.buyers if buyer.registered < created]
        loyal = known[:40] if draw("loyal", number) < 0.35 else known
        return Order(number, pick(loyal, "buyer", number), channel, creator, session, created)

    def _complete(self, order: Order, shop: int) -> Order:
        key = order.number
        shelf = self.products[shop * 5 : shop * 5 + 5]
        chosen: list[tuple[Product, int]] = []
        for position in range(weigh(LINE_COUNTS, "lines", key)):
            left = [(one, float(one.popularity)) for one in shelf if one not in dict(chosen)]
            product = weigh(left, "product", key, position)
            chosen.append((product, weigh(ITEM_COUNTS, "items", key, position)))
        order.fill(chosen)
        order.freight = weigh(FREIGHTS, "freight", key)
        if draw("promotion", key) < 0.45:
            order.discount((order.order_amount - order.freight) * between(3, 12, "off", key) // 100)
        follow(order)
        return order
