"""The second wave: late, corrected, repeated and broken files, and those of the last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from making.catalogue import moon_cakes_become_fresh
from making.deliveries import Delivery, Fault
from making.draws import DAYS, end_of
from making.first_wave import LAST, daily_file
from making.story import Row
from making.world import World

PRICE_CUT = 500
"""Fen by which the corrected orders become cheaper."""
FAULTS = (
    Fault("order_amount", "twelve", "'twelve'"),
    Fault("pay_amount", "-9900", "'-9900'"),
    Fault("created_at", "0022-08-05T03:11:52Z", "'0022-08-05T03:11:52Z'"),
    Fault("order_status", "9", "'9'"),
    Fault("receiver_name", "姓名-000101".encode("gb18030"), "UTF-8"),
)
FAULT_EVERY = 7
"""Every so many rows of new orders one is broken."""


def second_wave(world: World, first: list[Delivery]) -> list[Delivery]:
    """Return all files of the second wave."""
    landed = {(file.feed, file.dt): file for file in first}
    return [
        *_corrected(world, landed["orders", DAYS[1]], landed["order_lines", DAYS[1]]),
        landed["livestream_sessions", DAYS[0]].again(status="unchanged"),
        landed["claims", DAYS[1]].again("claims-resent.csv"),
        _late_claims(world),
        _out_of_order(world),
        *_last_day(world),
        *_unusable(world, landed["order_lines", DAYS[3]]),
    ]


def _corrected(world: World, orders: Delivery, lines: Delivery) -> list[Delivery]:
    """Take two orders out of the files of day 2 and cut the price of three others.

    Only orders that are named by no other file are touched.
    """
    once = [
        story.base["order_id"]
        for story in world.stories["orders"]
        if not story.happens(end_of(DAYS[1]), end_of(DAYS[LAST]))
        and story.base["order_id"] not in world.claimed
    ]
    usable = [
        row
        for row in orders.rows
        if row["order_id"] in once
        and row["created_at"] >= end_of(DAYS[0])
        and row["paid_at"]
        and row["promotion_amount"] == 0
    ]
    removed = {row["order_id"] for row in usable[:2]}
    cut = {row["order_id"] for row in usable[2:5]}
    first_lines = {row["order_id"]: row["line_id"] for row in reversed(lines.rows)}
    cut_lines = {first_lines[order] for order in cut}
    return [
        _recut(orders, removed, "order_id", cut),
        _recut(lines, removed, "line_id", cut_lines),
    ]


def _recut(file: Delivery, removed: set[str], key: str, cut: set[str]) -> Delivery:
    rows = [
        _cheaper(row) if row[key] in cut else row
        for row in file.rows
        if row["order_id"] not in removed
    ]
    return replace(file, wave=2, rows=rows)


def _cheaper(row: Row) -> Row:
    amounts = ("order_amount", "pay_amount")
    return row | {name: row[name] - PRICE_CUT for name in amounts}


def _late_claims(world: World) -> Delivery:
    stories = [story for story in world.stories["claims"] if story.base["claim_id"] in world.late]
    rows = [row for story in stories if (row := story.version(end_of(DAYS[2])))]
    return Delivery(2, "claims", DAYS[2], "claims-late.jsonl", rows)


def _out_of_order(world: World) -> Delivery:
    """Versions of the day before the first; later ones are long there, so nothing changes."""
    before = end_of(date(2021, 7, 31))
    rows = [
        row
        for story in world.stories["orders"]
        if story.happens(before, end_of(DAYS[0])) and (row := story.version(before))
    ]
    return Delivery(2, "orders", date(2021, 7, 31), "orders.jsonl", rows[:12])


def _last_day(world: World) -> list[Delivery]:
    """The files of the last day: broken rows in one, a wrong sum beside another."""
    orders = daily_file(world, "orders", LAST, 2)
    claims = daily_file(world, "claims", LAST, 2)
    moon_cakes = moon_cakes_become_fresh().version(end_of(DAYS[LAST]))
    return [
        daily_file(world, "customers", LAST, 2),
        daily_file(world, "livestream_sessions", LAST, 2),
        Delivery(2, "products", DAYS[LAST], "products.jsonl", [moon_cakes] if moon_cakes else []),
        replace(orders, faults=_faults(world, orders)),
        daily_file(world, "order_lines", LAST, 2),
        replace(
            claims,
            total="applied_amount",
            off_by=1,
            status="held",
            reason="states the sum of applied_amount",
        ),
    ]


def _faults(world: World, orders: Delivery) -> dict[int, Fault]:
    new = [
        number
        for number, row in enumerate(orders.rows, 1)
        if row["created_at"] >= end_of(DAYS[LAST - 1])
        and row["paid_at"]
        and row["order_id"] not in world.claimed
    ]
    return dict(zip(new[::FAULT_EVERY], FAULTS, strict=False))


def _unusable(world: World, lines: Delivery) -> list[Delivery]:
    """Files that can't be read, and one from the far future."""
    orders = daily_file(world, "orders", LAST, 2)
    return [
        Delivery(
            2,
            "order_lines",
            DAYS[3],
            "order_lines-part-2.csv.gz",
            lines.rows[:40],
            status="rejected",
            reason="cut off",
            kept_bytes=0.6,
        ),
        Delivery(2, "claims", DAYS[3], "claims-empty.csv", [], status="rejected", reason="empty"),
        Delivery(
            2,
            "orders",
            date(2099, 1, 1),
            "orders.csv",
            orders.rows[:3],
            status="held",
            reason="beyond tomorrow",
        ),
    ]
