"""Files about a month's money that have not come or wait for somebody stand against its close."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import feeds
from orchestration.closing.months import Month
from orchestration.closing.objections import missing_files
from orchestration.home import Home, UsageError
from orchestration.ingestion import content, load, manifest
from orchestration.ingestion.errors import FileUnavailableError
from tests.ingestion.bills import PAYMENT, REFUND, REFUNDED, Row, wechat
from tests.ingestion.conftest import Room
from tests.ingestion.test_online_retail import HEADER

FEED = "wechat_pay/trade_bill_all"
CUT = wechat(REFUNDED)[:-20]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    home = Home(tmp_path / "home").create()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema seeds")
        connection.execute("create table seeds.reconciled_sources as select 'native' as source")
        yield Room(home, connection)


def bill(account: str, day: int) -> Row:
    """A refund on the bill of an account."""
    return Row(
        f"5{account}{day}", "r1", "1.00", time=f"2021-07-{day:02d} 10:00:00", account=account
    )


def put(
    room: Room, day: int, content: bytes, name: str = "bill.csv", feed: str = "trade_bill_all"
) -> str:
    """Put a bill of a day in July."""
    return room.put(content, name, feed, f"2021-07-{day:02d}", "wechat_pay")


def ingest(room: Room) -> None:
    """Load what landed, and let it count."""
    room.ingest()
    room.settle()


def found(room: Room, *words: str) -> list[str]:
    """What stands against July and says one of the words; a path stands for its delivery."""
    return [said.rpartition("(")[2] for said in stands(room, *words)]


def stands(room: Room, *words: str) -> list[str]:
    """What stands against July and says one of the words."""
    said = missing_files(room.home, room.connection, Month(2021, 7))
    return [each for each in said if any(word in each for word in words)]


def misplace(room: Room) -> Path:
    """Load a bill, and put another one where its day cannot be told."""
    put(room, 1, wechat(bill("11", 1)))
    lost = room.home.landing / FEED / "bill.csv"
    lost.write_bytes(wechat(bill("22", 1)))
    ingest(room)
    return lost


def deny(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nobody read a folder."""
    real = os.scandir

    def scandir(asked: Path) -> object:
        if asked == folder:
            raise PermissionError(13, "Permission denied")
        return real(asked)

    monkeypatch.setattr("os.scandir", scandir)


def deny_looking(monkeypatch: pytest.MonkeyPatch, asked: Path) -> None:
    """Let nobody learn size and time of a file."""
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path == asked:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "lstat", lstat)


def test_every_account_of_a_feed_has_a_bill_for_every_day(room: Room) -> None:
    for day in range(1, 10):
        put(room, day, wechat(bill("11", day)) if day != 8 else wechat(), "11.csv")
    put(room, 2, wechat(bill("22", 2)), "22.csv")  # the account is new: none of July 1
    put(room, 3, wechat(), "22.csv")
    put(room, 4, wechat(PAYMENT), "other name.csv")
    put(room, 5, wechat(bill("22", 5)), "22.csv")
    put(room, 6, CUT, "22.csv")
    put(room, 9, wechat(bill("22", 9)), "22.csv")
    ingest(room)
    assert found(room, "lacks") == [
        f"{FEED} lacks the bill of wechat-11 or wechat-22 on 2021-07-08",
        f"{FEED} lacks the bill of wechat-22 on 2021-07-06, 2021-07-07",
    ]
    put(room, 8, wechat(), "22.csv")
    for day in (6, 7):
        put(room, day, wechat(bill("22", day)), "22.csv")
    ingest(room)
    assert found(room, "lacks") == []


def test_a_bill_that_a_person_rejected_stands_against_no_close(room: Room) -> None:
    put(room, 1, wechat(bill("11", 1)))
    ingest(room)
    again = put(room, 1, wechat(bill("11", 1), PAYMENT), "again.csv")
    ingest(room)
    assert found(room, "is ") == [f"{again}) is held"]
    put(room, 1, wechat(bill("11", 1), PAYMENT, PAYMENT), "again.csv")
    ingest(room)
    manifest.reject(room.connection, {3: "it came twice"})
    assert found(room, "is ") == [f"{again}) is held"]  # the one before waits on
    manifest.reject(room.connection, {2: "it came twice"})
    assert found(room, "is ", "lacks") == []
    manifest.reject(room.connection, {1: "it is another shop's"})
    put(room, 2, wechat(bill("11", 2)))
    ingest(room)
    assert found(room, "is ", "lacks") == [f"{FEED} lacks 2021-07-01"]


def test_a_bill_that_can_not_be_read_stands_until_it_comes_in_order(room: Room) -> None:
    path = put(room, 1, CUT)
    ingest(room)
    assert found(room, "is ") == [f"{path}) is rejected"]
    put(room, 1, wechat(bill("11", 1)), "elsewhere.csv")
    ingest(room)
    assert found(room, "is ") == [f"{path}) is rejected"]
    put(room, 1, wechat(replace(bill("11", 1), refund_id="7")))
    ingest(room)
    assert found(room, "is ") == []


def test_a_bill_in_the_wrong_folder_stands_until_it_lies_where_it_belongs(room: Room) -> None:
    refunds = wechat(header=REFUND)
    path = put(room, 1, refunds)
    put(room, 2, refunds, feed="trade_bill_refund")
    ingest(room)
    assert found(room, "is ") == [f"{path}) is rejected"]
    put(room, 1, refunds, feed="trade_bill_refund")
    ingest(room)
    assert found(room, "is ") == []


def test_what_is_no_delivery_stands_until_somebody_has_decided(room: Room) -> None:
    """A bill whose day cannot be told may be one of any month."""
    put(room, 1, wechat(bill("11", 1)))
    folder = room.home.landing / FEED
    (folder / "dt=2021-7-05").mkdir()
    (folder / "dt=2021-7-05" / "bill.csv").write_bytes(wechat(bill("22", 5)))
    ingest(room)
    delivery = room.one("select delivery_id from raw.deliveries where path like '%7-05%'")
    (said,) = stands(room, "7-05")
    assert said.startswith(f"delivery {delivery} ({FEED}/dt=2021-7-05/bill.csv) is rejected: ")
    manifest.reject(room.connection, {delivery: "it is a copy"})
    assert found(room, "7-05") == []
    room.ingest()  # it lies there still, and is known
    assert room.one("select count(*) from raw.deliveries where path like '%7-05%'") == 1
    with pytest.raises(UsageError, match="it is rejected"):
        manifest.reject(room.connection, {delivery: "once more"})


def test_what_is_no_delivery_stands_while_it_lies_there(room: Room) -> None:
    lost = misplace(room)
    assert len(found(room, "does not lie")) == 1
    aside = lost.rename(room.home.root / "bill.csv")
    assert load.report_if_unchanged(room.home, room.connection) is None
    ingest(room)
    assert found(room, "does not lie") == []
    assert room.ingest().deliveries == []
    assert load.report_if_unchanged(room.home, room.connection)
    aside.rename(lost)  # with the same time of change
    ingest(room)
    assert len(found(room, "does not lie")) == 1


def test_what_a_kill_left_undecided_is_decided_by_the_next_ingest(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    misplace(room).unlink()
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(manifest, "reject", interrupt)
        ingest(room)
    assert load.report_if_unchanged(room.home, room.connection) is None
    ingest(room)
    assert found(room, "does not lie") == []


def interrupt(*_: object) -> None:
    """End as at Ctrl-C."""
    raise KeyboardInterrupt


def test_what_was_alone_in_the_folder_of_an_unknown_source_is_gone_once_it_is_moved(
    room: Room,
) -> None:
    put(room, 1, wechat(bill("11", 1)))
    room.put("x", "b.csv", "trade_bill_all", "2021-07-02", "wechatpay")
    ingest(room)
    assert len(open_paths(room)) == 1
    shutil.move(
        room.home.landing / "wechatpay/trade_bill_all/dt=2021-07-02/b.csv",
        room.home.landing / FEED / "dt=2021-07-01",
    )
    ingest(room)
    assert all("wechatpay" not in path for path in open_paths(room))


def open_paths(room: Room) -> list[str]:
    """What `anxin status` lists as waiting."""
    books = feeds.read_books(room.connection, "raw.deliveries", 0, datetime.now(UTC))
    return [delivery["path"] for delivery in books.open_deliveries]


def test_a_decision_holds_for_what_is_hidden_under_a_name_that_is_no_text(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(room, 1, wechat(bill("11", 1)))
    below = room.home.landing / FEED / os.fsdecode("账单".encode("gb18030"))
    below.mkdir()
    (below / "bill.csv").write_bytes(wechat(bill("22", 1)))
    ingest(room)
    (delivery,) = room.one("select list(delivery_id) from raw.deliveries where path like './%'")
    manifest.reject(room.connection, {delivery: "a copy"})
    with monkeypatch.context() as while_hidden:
        deny(while_hidden, room.home.landing / FEED)
        ingest(room)
    ingest(room)
    assert stands(room, "./") == []


@pytest.mark.parametrize("denied", [None, FEED])
def test_what_can_not_be_seen_for_a_while_stands_on(
    room: Room, monkeypatch: pytest.MonkeyPatch, denied: str | None
) -> None:
    """A share that is not mounted is an empty folder."""
    put(room, 1, wechat(bill("11", 1)))
    (room.home.landing / FEED / "bill.csv").write_bytes(wechat(bill("22", 5)))
    room.put("x", "a.csv", "products")
    ingest(room)
    with monkeypatch.context() as while_hidden:
        if denied:
            deny(while_hidden, room.home.landing / denied)
        else:
            (room.home.landing / "wechat_pay").rename(room.home.root / "wechat_pay")
            (room.home.landing / "wechat_pay").mkdir()
        for _ in range(2):
            ingest(room)
            assert len(found(room, "does not lie")) == 1
    if not denied:
        (room.home.landing / "wechat_pay").rmdir()
        (room.home.root / "wechat_pay").rename(room.home.landing / "wechat_pay")
    ingest(room)
    assert len(found(room, "does not lie", "can't be read")) == 1
    assert room.one("select count(*) from raw.deliveries where path like '%all/bill.csv'") == 1


@pytest.mark.parametrize("stamp", ["file_stamp", "null"])
def test_a_decision_does_not_outlive_what_it_was_about(room: Room, stamp: str) -> None:
    lost = misplace(room)
    manifest.reject(room.connection, {1: "a copy"})
    room.connection.execute(f"update raw.deliveries set file_stamp = {stamp} where dt is null")
    aside = lost.rename(room.home.root / "bill.csv")
    ingest(room)
    aside.rename(lost)
    ingest(room)
    assert len(found(room, "does not lie")) == 1


def test_a_decision_holds_for_a_link_that_is_led_on_and_for_another_list_of_feeds(
    room: Room,
) -> None:
    put(room, 1, wechat(bill("11", 1)))
    put(room, 2, wechat(bill("11", 2)))
    latest = room.home.landing / FEED / "latest"
    latest.symlink_to("dt=2021-07-01")
    room.put("x", "a;b.csv", "a;b", "2021-07-01", "wechat_pay")
    ingest(room)
    manifest.reject(room.connection, {1: "known", 2: "known"})
    room.connection.execute(
        "update raw.deliveries set status_reason = replace(status_reason, 'it has ', 'it has x, ')"
    )
    latest.unlink()
    latest.symlink_to("dt=2021-07-02")
    for _ in range(2):
        assert room.ingest().deliveries == []
    assert stands(room, "known") == []


def test_a_decision_holds_for_a_link_whose_share_is_away_for_a_while(
    room: Room, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    put(room, 1, wechat(bill("11", 1)))
    (room.home.landing / FEED / "share").symlink_to(share)
    ingest(room)
    manifest.reject(room.connection, {1: "of another system"})
    share.rmdir()
    assert room.ingest().deliveries == []
    share.mkdir()
    assert room.ingest().deliveries == []
    assert stands(room, "share") == []


def test_a_decision_holds_for_what_can_not_be_looked_at_for_a_while(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = misplace(room)
    manifest.reject(room.connection, {1: "a copy"})

    with monkeypatch.context() as for_a_while:
        deny_looking(for_a_while, lost)
        assert room.ingest().deliveries == []
    assert room.ingest().deliveries == []
    assert stands(room, "does not lie") == []


def test_what_comes_back_and_can_not_be_looked_at_stands(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = misplace(room)
    aside = lost.rename(room.home.root / "bill.csv")
    ingest(room)
    assert found(room, "does not lie") == []
    aside.rename(lost)

    deny_looking(monkeypatch, lost)
    for _ in range(2):
        ingest(room)
        assert len(found(room, "does not lie")) == 1


def test_what_grows_is_one_finding_until_somebody_has_decided(room: Room) -> None:
    put(room, 1, wechat(bill("11", 1)))
    growing = room.home.landing / FEED / "bill.csv"
    for size in (1, 2):
        growing.write_text("x" * size)
        ingest(room)
    assert room.one("select count(*) from raw.deliveries where dt is null") == 1
    manifest.reject(room.connection, {1: "a log"})
    ingest(room)
    assert found(room, "does not lie") == []
    growing.write_text("x" * 3)
    ingest(room)
    assert len(found(room, "does not lie")) == 1


def test_a_decision_of_earlier_versions_holds_for_what_lies_there_at_the_next_ingest(
    room: Room,
) -> None:
    lost = misplace(room)
    manifest.reject(room.connection, {1: "moved"})
    room.connection.execute("update raw.deliveries set file_stamp = null where dt is null")
    ingest(room)
    assert found(room, "does not lie") == []
    lost.write_bytes(wechat(bill("33", 1), bill("44", 1)))
    ingest(room)
    assert len(found(room, "does not lie")) == 1


@pytest.mark.parametrize(
    ("place", "stands_against_it"),
    [
        ("wechat_pay/bill.csv", True),
        ("wechat_pay/trade_bil_all/dt=2021-07-02/bill.csv", True),
        ("native/fund_flows/dt=2021-07-02/flows.xlsx", True),
        ("native/reviews/dt=2021-07-02/reviews.xlsx", False),
        ("somebody/trade_bill_all/dt=2021-07-02/bill.csv", False),
        ("readme.txt", False),
    ],
)
def test_what_may_be_about_money_stands(room: Room, place: str, stands_against_it: bool) -> None:
    (room.home.landing / place).parent.mkdir(parents=True, exist_ok=True)
    (room.home.landing / place).write_bytes(wechat(bill("22", 1)))
    ingest(room)
    assert len(stands(room, place)) == stands_against_it


def test_what_lies_in_a_feed_under_a_name_that_is_no_text_stands_too(room: Room) -> None:
    put(room, 1, wechat(bill("11", 1)))
    folder = room.home.landing / FEED / "dt=2021-07-01"
    (folder / os.fsdecode("账单.csv".encode("gb18030"))).write_bytes(wechat(bill("22", 1)))
    ingest(room)
    (said,) = found(room, "not UTF-8")
    assert said.startswith(f"./{FEED}/dt=2021-07-01/")


def test_what_is_put_right_at_its_path_no_longer_stands(room: Room, tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(wechat(bill("11", 1)))
    folder = room.home.landing / FEED / "dt=2021-07-01"
    folder.mkdir(parents=True)
    (folder / "bill.csv").symlink_to(tmp_path / "bill.csv")
    ingest(room)
    assert found(room, "is a link") != []
    (folder / "bill.csv").unlink()
    put(room, 1, wechat(bill("11", 1)))
    ingest(room)
    assert found(room, "is a link") == []


@pytest.mark.parametrize("denied", [f"{FEED}/dt=2021-07-01", "wechat_pay", ""])
def test_a_folder_that_can_not_be_read_stands_until_it_can(
    room: Room, monkeypatch: pytest.MonkeyPatch, denied: str
) -> None:
    """Nobody knows what lies there."""
    path = put(room, 1, wechat(bill("11", 1)))
    deny(monkeypatch, room.home.landing / denied)
    room.ingest()
    assert room.all("select path, status, status_reason from raw.deliveries") == [
        (denied, "rejected", "the folder can't be read: Permission denied")
    ]
    assert room.ingest().unchanged == 1
    assert len(found(room, "can't be read")) == 1
    monkeypatch.undo()
    ingest(room)
    assert room.status(path)[0] == "accepted"
    assert found(room, "can't be read") == []


def test_a_file_that_can_not_be_read_stands_against_its_month(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = ("2021-06-30", "2021-07-31", "2021-08-01")
    paths = [room.put(wechat(), f"dt={dt}.csv", "trade_bill_all", dt, "wechat_pay") for dt in dates]

    def keep(home: Home, location: Path) -> content.Content:
        raise FileUnavailableError("Permission denied")

    monkeypatch.setattr(content, "keep", keep)
    unreadable = room.ingest().unreadable
    room.connection.close()
    feeds.save(room.home, unreadable)
    with duckdb.connect(str(room.home.warehouse)) as connection:
        said = missing_files(room.home, connection, Month(2021, 7))
    assert said == [f"{paths[1]} can't be read: Permission denied"]


@pytest.mark.parametrize("later_ingests", [0, 2])
def test_other_content_where_something_was_decided_stands_again(
    room: Room, later_ingests: int
) -> None:
    lost = misplace(room)
    delivery = room.one("select delivery_id from raw.deliveries where dt is null")
    manifest.reject(room.connection, {delivery: "moved"})
    for _ in range(later_ingests):
        ingest(room)
        assert found(room, "does not lie") == []
    lost.write_bytes(wechat(bill("33", 1), bill("44", 1)))
    ingest(room)
    assert len(found(room, "does not lie")) == 1


def test_what_was_loaded_and_not_yet_judged_can_be_decided(room: Room) -> None:
    put(room, 1, wechat(bill("11", 1)))
    room.ingest()  # and the run is killed
    manifest.reject(room.connection, {1: "a trial"})
    assert found(room, "is ") == []
    with pytest.raises(UsageError, match="it is rejected"):
        manifest.reject(room.connection, {1: "once more"})


def test_claims_are_about_money_where_they_are_reconciled(room: Room) -> None:
    for day in (1, 2, 4):
        row = f"53636{day},85123A,HEART,6,2021-07-0{day} 08:26:00,2.55,17850,United Kingdom"
        where = {"feed": "transactions", "source": "online_retail", "dt": f"2021-07-0{day}"}
        room.put(f"{HEADER}\n{row}\n", "a.csv", **where)
    ingest(room)
    assert missing_files(room.home, room.connection, Month(2021, 7)) == []
    room.put("no header\n", "b.csv", **where)
    path = room.put("no header\n", "b.csv", "claims", "2021-07-01", "native")
    ingest(room)
    assert found(room, "rejected") == [f"{path}) is rejected"]
