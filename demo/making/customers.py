"""The buyers of the demo: obviously synthetic people in real cities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from making.draws import DAYS, at, between, draw, hexadecimal, later, pick, weigh
from making.story import Story

CITIES = (
    ("北京", "北京"), ("上海", "上海"), ("广东", "广州"), ("广东", "深圳"), ("四川", "成都"),
    ("浙江", "杭州"), ("重庆", "重庆"), ("陕西", "西安"), ("湖北", "武汉"), ("江苏", "南京"),
    ("河南", "郑州"), ("湖南", "长沙"), ("山东", "青岛"), ("辽宁", "沈阳"), ("安徽", "合肥"),
    ("云南", "昆明"), ("山东", "济南"), ("福建", "福州"), ("黑龙江", "哈尔滨"), ("河北", "石家庄"),
    ("广西", "南宁"), ("江西", "赣州"), ("湖南", "常德"), ("河北", "邢台"), ("广东", "茂名"),
)  # fmt: skip
EARLY, ALL = 132, 150
GENDERS = (("female", 6.0), ("male", 3.5), ("unknown", 0.5))


@dataclass(frozen=True)
class Customer:
    """A buyer; `number` only serves to make synthetic personal values."""

    number: int
    id: str
    province: str
    city: str
    registered: datetime


def customers() -> list[Customer]:
    """Return all buyers; the last ones register during the demo's days."""
    found = []
    for number in range(1, ALL + 1):
        province, city = pick(CITIES, "city", number)
        if number <= EARLY:
            registered = at(DAYS[0], "12:00:00") - timedelta(
                days=between(35, 900, "age", number), minutes=between(0, 700, "minute", number)
            )
        else:
            day = DAYS[1 + (number - EARLY - 1) % 4]
            registered = later(at(day, "00:20:00"), 0, 30_000, "registered", number)
        found.append(
            Customer(number, hexadecimal(16, "customer", number), province, city, registered)
        )
    return found


def customer_stories() -> list[Story]:
    """Return what the files say of the buyers; one of them moves to another city on day 3."""
    stories = []
    for customer in customers():
        number = customer.number
        base = {
            "customer_id": customer.id,
            "customer_name": f"name-{number:06d}",
            "phone": f"phone-{number:06d}",
            "gender": weigh(GENDERS, "gender", number),
            "birth_year": between(1962, 2003, "born", number)
            if draw("told", number) > 0.1
            else None,
            "province": customer.province,
            "city": customer.city,
            "country": "中国",
            "registered_at": customer.registered,
        }
        story = Story(base, [(customer.registered, {})])
        if number == 7:
            story.steps.append((at(DAYS[2], "11:05:00"), {"province": "浙江", "city": "宁波"}))
        stories.append(story)
    return stories
