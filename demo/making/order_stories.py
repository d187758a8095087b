"""What the files say of orders and their lines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from making.draws import digits, weigh
from making.story import Story
from making.trading import Order

PAY_TYPES = ((1, 45.0), (2, 35.0), (4, 8.0), (8, 7.0), (12, 5.0))


def order_story(order: Order) -> Story:
    """Return what the files say of an order."""
    base: dict[str, Any] = {
        "order_id": order.id,
        "merchant_id": order.lines[0].product.merchant.id,
        "customer_id": order.customer.id,
        "order_status": 1,
        "pay_type": None,
        "currency_code": "CNY",
        "order_amount": order.order_amount,
        "pay_amount": order.pay_amount,
        "freight_amount": order.freight,
        "promotion_amount": sum(order.promotion),
        "promotion_shop_amount": order.promotion[0],
        "promotion_platform_amount": order.promotion[1],
        "promotion_creator_amount": order.promotion[2],
        "province": order.customer.province,
        "city": order.customer.city,
        "receiver_name": f"name-{order.customer.number:06d}",
        "receiver_phone": f"phone-{order.customer.number:06d}",
        "receiver_address": f"address-{order.customer.number:06d}",
        "created_at": order.created,
        "paid_at": None,
        "shipped_at": None,
        "finished_at": None,
    }
    story = Story(base, [(order.created, {})])
    if order.paid:
        pay_type = weigh(PAY_TYPES, "pay", order.number)
        changes = {"order_status": 2, "paid_at": order.paid, "pay_type": pay_type}
        story.steps.append((order.paid, changes))
    if order.shipped:
        story.steps.append((order.shipped, {"order_status": 3, "shipped_at": order.shipped}))
    if order.received:
        finished = order.received + timedelta(minutes=10)
        story.steps.append((finished, {"order_status": 5, "finished_at": finished}))
    if order.cancelled:
        story.steps.append((order.cancelled, {"order_status": 4}))
    return story


def line_stories(order: Order) -> list[Story]:
    """Return what the files say of an order's lines."""
    stories = []
    for line in order.lines:
        base: dict[str, Any] = {
            "line_id": line.id,
            "order_id": order.id,
            "product_id": line.product.id,
            "sku_id": digits("17", 16, "sku", line.product.id),
            "creator_id": order.creator,
            "session_id": order.session,
            "channel": order.channel,
            "item_count": line.item_count,
            "order_amount": line.order_amount,
            "pay_amount": line.pay_amount,
            "received_at": None,
        }
        story = Story(base, [(order.created, {})])
        if order.received:
            story.steps.append((order.received, {"received_at": order.received}))
        stories.append(story)
    return stories
