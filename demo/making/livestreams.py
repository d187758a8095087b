"""The livestream sessions of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from making.catalogue import creator_ids
from making.draws import DAYS, at, between, digits
from making.story import Story

# day, start, minutes, title, creator, shops, whether the shop runs it, views, viewers per view
PLAN: tuple[tuple[int, str, int, str, int, tuple[int, ...], bool, int, float], ...] = (
    (0, "10:00:00", 120, "早市鲜果 产地直发", 2, (0, 1), False, 2140, 0.81),
    (0, "19:30:00", 210, "七夕花束预售 云南直播间", 0, (2,), True, 5820, 0.72),
    (0, "20:00:00", 180, "奥运加油 运动专场", 5, (5, 6), False, 7650, 0.77),
    (1, "19:00:00", 240, "美妆之夜 七夕礼盒", 1, (3,), True, 6980, 0.69),
    (1, "20:30:00", 150, "夏日衣橱", 3, (8, 7), False, 4310, 0.79),
    (2, "09:30:00", 150, "湖鲜早班车", 2, (1, 0), False, 2560, 0.83),
    (2, "19:30:00", 180, "国风汉服专场", 4, (7,), False, 5230, 0.74),
    (2, "20:00:00", 200, "奥运冠军同款 运动专场", 5, (5, 6), False, 8940, 0.78),
    (3, "19:30:00", 240, "七夕倒计时 鲜花与口红", 0, (2, 3), False, 9410, 0.71),
    (3, "20:00:00", 160, "川味夜宵", 6, (11, 0), False, 3870, 0.80),
    (4, "19:30:00", 180, "母婴好物日", 7, (10,), False, 2980, 0.82),
    (4, "20:00:00", 180, "素颜护肤课", 3, (4,), False, 3340, 0.76),
)


@dataclass(frozen=True)
class Session:
    """A livestream session; `shops` are numbers of the catalogue's merchants."""

    id: str
    creator: str
    shops: tuple[int, ...]
    run_by_shop: bool
    title: str
    started: datetime
    ended: datetime
    views: int
    viewers: int


def sessions() -> list[Session]:
    """Return all sessions."""
    creators = creator_ids()
    found = []
    for number, (day, clock, minutes, title, creator, shops, own, views, share) in enumerate(PLAN):
        started = at(DAYS[day], clock)
        ended = started + timedelta(minutes=minutes, seconds=between(3, 55, "ended", number))
        found.append(
            Session(
                digits("69", 19, "session", number),
                creators[creator],
                shops,
                own,
                title,
                started,
                ended,
                views,
                int(views * share),
            )
        )
    return found


def session_stories(merchant_ids: list[str]) -> list[Story]:
    """Return what the files say of the sessions.

    One session of the first day has its counters corrected on the second.
    """
    stories = []
    for number, session in enumerate(sessions()):
        clicks = int(session.views * between(90, 160, "clicks", number) / 100)
        base = {
            "session_id": session.id,
            "creator_id": session.creator,
            "merchant_id": merchant_ids[session.shops[0]] if session.run_by_shop else None,
            "session_title": session.title,
            "view_count": session.views,
            "viewer_count": session.viewers,
            "peak_online_count": int(session.viewers * between(12, 25, "peak", number) / 100),
            "product_exposure_count": clicks * between(5, 9, "exposed", number),
            "product_click_count": clicks,
            "comment_count": int(session.views * between(15, 60, "comments", number) / 100),
            "new_follower_count": int(session.viewers * between(2, 7, "new", number) / 100),
            "started_at": session.started,
            "ended_at": session.ended,
        }
        story = Story(base, [(session.ended + timedelta(minutes=10), {})])
        if number == 1:
            recount = {"view_count": session.views + 96, "viewer_count": session.viewers + 41}
            story.steps.append((at(DAYS[1], "03:30:00"), recount))
        stories.append(story)
    return stories
