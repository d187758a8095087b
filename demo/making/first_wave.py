"""The first wave: the daily files as they should come."""

from __future__ import annotations

from datetime import UTC, datetime

from making.deliveries import Delivery
from making.draws import DAYS, end_of
from making.story import Row
from making.world import World

ENDINGS = {
    "merchants": ("jsonl", None, "jsonl", None, None),
    "creators": ("jsonl", None, None, "jsonl", None),
    "products": ("csv", None, None, None, None),
    "customers": ("csv.gz", "jsonl", "jsonl", "jsonl", "jsonl"),
    "livestream_sessions": ("jsonl", "jsonl", "jsonl", "jsonl", "jsonl"),
    "orders": ("csv.gz", "csv", "parquet", "csv.gz", "csv"),
    "order_lines": ("csv.gz", "parquet", "csv.gz", "csv.gz", "csv.gz"),
    "claims": ("csv", "csv", "jsonl", "csv", "csv"),
}
"""How the files of each feed end, by day; None where none comes."""
LAST = len(DAYS) - 1


def daily_rows(world: World, feed: str, day: int) -> list[Row]:
    """Return what the file of a feed says about one day: the things that changed on it.

    The file of the first day also brings what happened before and is still open.
    """
    since = end_of(DAYS[day - 1]) if day else datetime.min.replace(tzinfo=UTC)
    rows = []
    for story in world.stories[feed]:
        if story.base.get("claim_id") in world.late:
            continue
        withheld = feed in ("orders", "order_lines") and story.base["order_id"] in world.withheld
        if day == LAST if withheld else story.happens(since, end_of(DAYS[day])):
            row = story.version(end_of(DAYS[day]))
            rows += [row] if row else []
    return sorted(rows, key=lambda row: str(next(iter(row.values()))))


def daily_file(world: World, feed: str, day: int, wave: int = 1) -> Delivery:
    """Return the file of one feed and day."""
    name = f"{feed}.{ENDINGS[feed][day]}"
    return Delivery(wave, feed, DAYS[day], name, daily_rows(world, feed, day))


def first_wave(world: World) -> list[Delivery]:
    """Return all files of the first wave; that of the claims of day 2 states its sums."""
    files = []
    for day in range(LAST):
        for feed, endings in ENDINGS.items():
            if endings[day]:
                files.append(daily_file(world, feed, day))
    place = next(
        place for place, file in enumerate(files) if (file.feed, file.dt) == ("claims", DAYS[1])
    )
    claims = files[place]
    files[place] = Delivery(
        1, claims.feed, claims.dt, claims.name, claims.rows, total="applied_amount"
    )
    return files
