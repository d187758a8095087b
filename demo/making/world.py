"""Everything that happens in the demo, as stories by feed."""

from __future__ import annotations

from dataclasses import dataclass

from making.aftersales import Claim, claim_story, make_claims
from making.cases import Cases, make_cases
from making.catalogue import creator_stories, merchant_stories, merchants, product_stories
from making.customers import customer_stories
from making.livestreams import session_stories
from making.order_stories import line_stories, order_story
from making.story import Story
from making.trading import Market, Order

JULY_ORDERS = 78
DAILY_ORDERS = (86, 90, 96, 92, 36)


@dataclass(frozen=True)
class World:
    """All that can be told.

    Attributes:
        stories: By feed.
        withheld: Ids of orders whose rows come in the last files only.
        late: Ids of claims that come in a late file only.
        claimed: Ids of orders with a claim.
        cases: What is planted.
    """

    stories: dict[str, list[Story]]
    withheld: frozenset[str]
    late: frozenset[str]
    claimed: frozenset[str]
    cases: Cases


def make_world() -> World:
    """Let everything happen."""
    market = Market()
    orders = market.in_july(1, JULY_ORDERS)
    for day, count in enumerate(DAILY_ORDERS):
        orders += market.on_day(day, 1 + sum(DAILY_ORDERS[:day]) + JULY_ORDERS, count)
    claims = make_claims(orders)
    cases = make_cases(market)
    orders += cases.orders.values()
    claims += cases.claims.values()
    return World(
        _stories(orders, claims),
        frozenset(order.id for order in orders if order.withheld),
        frozenset(claim.id for claim in claims if claim.late),
        frozenset(claim.order.id for claim in claims),
        cases,
    )


def _stories(orders: list[Order], claims: list[Claim]) -> dict[str, list[Story]]:
    return {
        "merchants": merchant_stories(),
        "creators": creator_stories(),
        "products": product_stories(),
        "customers": customer_stories(),
        "livestream_sessions": session_stories([shop.id for shop in merchants()]),
        "orders": [order_story(order) for order in orders],
        "order_lines": [story for order in orders for story in line_stories(order)],
        "claims": [claim_story(claim) for claim in claims],
    }
