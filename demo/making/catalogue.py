"""Merchants, their products and the creators of the demo, all invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from making.draws import DAYS, at, between, digits, end_of, hexadecimal
from making.story import Story

FLAGS = ("pseudo_product", "local_speciality", "qixi", "rose", "china_style", "domestic_brand")

# name, type, province, city, and its products: name, category, price in fen, popularity, flags
MERCHANTS: tuple[tuple[str, str, str, str, tuple[tuple[str, str, int, int, str], ...]], ...] = (
    ("榴香果园", "grower", "广西", "南宁", (
        ("金枕榴莲 整果 5斤", "fresh", 36800, 1, "local_speciality"),
        ("榴莲冰皮月饼 6枚", "food", 8800, 9, ""),
        ("妃子笑荔枝 5斤", "fresh", 6990, 10, "local_speciality"),
        ("红心火龙果 8个", "fresh", 4580, 8, "local_speciality"),
        ("百香果 3斤", "fresh", 2990, 10, "local_speciality"),
    )),
    ("湖畔鲜生", "grower", "江苏", "苏州", (
        ("鲜活小龙虾 4斤", "fresh", 11900, 10, "local_speciality"),
        ("冰鲜大黄鱼 2条", "fresh", 8900, 6, "local_speciality"),
        ("鲜菱角 3斤", "fresh", 3900, 7, "local_speciality"),
        ("水蜜桃 12个", "fresh", 7900, 9, "local_speciality"),
        ("咸鸭蛋 20枚", "food", 4500, 6, "local_speciality"),
    )),
    ("云上花田", "grower", "云南", "昆明", (
        ("红玫瑰 33枝 七夕花束", "flowers", 16900, 14, "qixi rose"),
        ("粉玫瑰 19枝 七夕花束", "flowers", 9900, 12, "qixi rose"),
        ("永生玫瑰音乐盒", "flowers", 25900, 5, "qixi rose"),
        ("向日葵 10枝", "flowers", 4990, 7, ""),
        ("绿萝盆栽", "flowers", 1990, 6, ""),
    )),
    ("棠花美妆", "brand", "浙江", "杭州", (
        ("臻颜精华礼盒", "beauty", 149000, 1, "domestic_brand"),
        ("七夕限定口红", "beauty", 19900, 12, "qixi domestic_brand china_style"),
        ("茉莉面膜 20片", "beauty", 12900, 9, "domestic_brand"),
        ("清爽防晒霜", "beauty", 8900, 11, "domestic_brand"),
        ("卸妆油 200ml", "beauty", 7900, 7, "domestic_brand"),
    )),
    ("素颜工坊", "factory_shop", "广东", "广州", (
        ("氨基酸洁面乳", "beauty", 4900, 10, ""),
        ("保湿喷雾 150ml", "beauty", 3900, 8, ""),
        ("沙龙香水 七夕对装", "beauty", 29900, 5, "qixi"),
        ("护手霜 三支装", "beauty", 2990, 9, ""),
        ("化妆刷 12支", "beauty", 6900, 5, ""),
    )),
    ("迅羽运动", "brand", "福建", "泉州", (
        ("速干运动T恤 红", "sports", 9900, 13, "domestic_brand"),
        ("缓震跑鞋", "sports", 39900, 9, "domestic_brand"),
        ("羽毛球拍 双拍", "sports", 25900, 8, "domestic_brand"),
        ("乒乓球拍 套装", "sports", 15900, 9, "domestic_brand"),
        ("运动护膝 一对", "sports", 5900, 5, "domestic_brand"),
    )),
    ("山野户外", "factory_shop", "浙江", "金华", (
        ("便携跳绳", "sports", 2900, 9, ""),
        ("瑜伽垫 10mm", "sports", 6900, 8, ""),
        ("四人帐篷", "sports", 32900, 3, ""),
        ("运动水壶 750ml", "sports", 3900, 8, ""),
        ("儿童滑板车", "toys", 19900, 4, ""),
    )),
    ("锦上华裳", "brand", "江苏", "南京", (
        ("宋制汉服 两件套", "apparel", 32900, 8, "china_style domestic_brand"),
        ("马面裙", "apparel", 21900, 9, "china_style domestic_brand"),
        ("真丝团扇", "apparel", 6900, 6, "china_style qixi"),
        ("刺绣发簪", "jewellery", 4900, 7, "china_style qixi"),
        ("云肩披帛", "apparel", 12900, 4, "china_style"),
    )),
    ("日日衫", "factory_shop", "广东", "深圳", (
        ("纯棉短袖 三件装", "apparel", 9900, 12, ""),
        ("冰丝阔腿裤", "apparel", 7900, 10, ""),
        ("情侣卫衣 七夕款", "apparel", 25800, 6, "qixi"),
        ("防晒衣", "apparel", 12900, 9, ""),
        ("棉袜 10双", "apparel", 2990, 9, ""),
    )),
    ("邻里优选", "platform_partner", "北京", "北京", (
        ("蓝牙耳机", "digital", 19900, 8, ""),
        ("电动牙刷", "digital", 15900, 7, ""),
        ("空气炸锅 4L", "digital", 29900, 5, ""),
        ("抽纸 24包", "home", 4990, 11, ""),
        ("补差价 邮费专拍", "home", 100, 1, "pseudo_product"),
    )),
    ("小豆母婴", "brand", "上海", "上海", (
        ("婴儿湿巾 10包", "mother_baby", 5900, 9, "domestic_brand"),
        ("纸尿裤 L码 80片", "mother_baby", 12900, 8, "domestic_brand"),
        ("儿童保温杯", "mother_baby", 8900, 6, "domestic_brand"),
        ("积木 300粒", "toys", 11900, 7, ""),
        ("绘本 10册", "toys", 7900, 5, ""),
    )),
    ("蜀味坊", "other", "四川", "成都", (
        ("火锅底料 4袋", "food", 5900, 11, "local_speciality"),
        ("麻辣牛肉干 500g", "food", 6900, 10, "local_speciality"),
        ("手工水饺 5袋", "food", 8900, 6, ""),
        ("郫县豆瓣酱 2瓶", "food", 2590, 8, "local_speciality"),
        ("高粱白酒 500ml 两瓶", "liquor", 29800, 4, "local_speciality"),
    )),
)  # fmt: skip

MOON_CAKES = "榴莲冰皮月饼 6枚"
MOON_CAKES_FRESH_FROM = at(DAYS[2], "00:00:00")
"""From this moment the ice-skin moon cakes, kept chilled, belong to the category fresh."""


@dataclass(frozen=True)
class Merchant:
    """A shop."""

    id: str
    name: str
    kind: str
    province: str
    city: str


@dataclass(frozen=True)
class Product:
    """A product; `price` in fen, `popularity` a weight."""

    id: str
    merchant: Merchant
    name: str
    category: str
    price: int
    popularity: int
    flags: frozenset[str]


def merchants() -> list[Merchant]:
    """Return all shops."""
    return [
        Merchant(digits("1", 8, "merchant", name), name, kind, province, city)
        for name, kind, province, city, _ in MERCHANTS
    ]


def products() -> list[Product]:
    """Return all products, those of one shop side by side."""
    return [
        Product(
            digits("34", 19, "product", name),
            merchant,
            name,
            category,
            price,
            popularity,
            frozenset(flags.split()),
        )
        for merchant, (*_, goods) in zip(merchants(), MERCHANTS, strict=True)
        for name, category, price, popularity, flags in goods
    ]


def merchant_stories() -> list[Story]:
    """Return what the files say of the shops; one of them changes its type on the third day."""
    stories = []
    for number, shop in enumerate(merchants(), 1):
        opened = at(DAYS[0], "10:00:00") - timedelta(days=between(200, 1100, "opened", number))
        base = {
            "merchant_id": shop.id,
            "merchant_name": shop.name,
            "merchant_type": shop.kind,
            "province": shop.province,
            "city": shop.city,
            "contact_name": f"name-9{number:05d}",
            "contact_phone": f"phone-9{number:05d}",
            "opened_at": opened,
        }
        story = Story(base, [(opened + timedelta(days=1), {})])
        if shop.name == "素颜工坊":
            story.steps.append((at(DAYS[2], "09:30:00"), {"merchant_type": "brand"}))
        stories.append(story)
    return stories


def product_stories() -> list[Story]:
    """Return what the files say of the products; the change of category comes later."""
    stories = []
    for product in products():
        listed = at(DAYS[0], "09:00:00") - timedelta(days=between(40, 190, "listed", product.id))
        base = {
            "product_id": product.id,
            "merchant_id": product.merchant.id,
            "product_name": product.name,
            "brand_name": product.merchant.name,
            "category_id": product.category,
            **{f"is_{flag}": flag in product.flags for flag in FLAGS},
        }
        stories.append(Story(base, [(listed, {})]))
    return stories


def moon_cakes_become_fresh() -> Story:
    """Return the version that moves the moon cakes to another category from a date on."""
    now = next(story for story in product_stories() if story.base["product_name"] == MOON_CAKES)
    return Story(now.base, [(MOON_CAKES_FRESH_FROM, {"category_id": "fresh"})])


CREATOR_KINDS = (
    *("self_run", "self_run", "affiliate", "affiliate"),
    *("affiliate", "celebrity", "affiliate", "other"),
)


def creator_ids() -> list[str]:
    """Return the ids of the creators."""
    return [hexadecimal(12, "creator", number) for number in range(len(CREATOR_KINDS))]


def creator_stories() -> list[Story]:
    """Return what the files say of the creators; three of them gain followers by day 4."""
    stories = []
    for number, (creator, kind) in enumerate(zip(creator_ids(), CREATOR_KINDS, strict=True)):
        followers = between(9_000, 900_000, "followers", number)
        base = {
            "creator_id": creator,
            "creator_name": f"name-8{number:05d}",
            "creator_type": kind,
            "follower_count": followers,
        }
        story = Story(base, [(at(DAYS[0], "06:00:00"), {})])
        if number in (2, 3, 5):
            gained = between(300, 9_000, "gained", number)
            moment = end_of(DAYS[3]) - timedelta(hours=1)
            story.steps.append((moment, {"follower_count": followers + gained}))
        stories.append(story)
    return stories
