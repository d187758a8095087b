"""Files about a month's money that have not come or wait for somebody stand against its close."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.closing.months import Month
from orchestration.closing.objections import missing_files
from orchestration.home import Home, UsageError
from orchestration.ingestion import manifest
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
    return [
        said.rpartition("(")[2]
        for said in missing_files(room.connection, Month(2021, 7))
        if any(word in said for word in words)
    ]


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
    (room.home.landing / "readme.txt").write_text("no feed's")
    ingest(room)
    (said,) = [said for said in missing_files(room.connection, Month(2021, 7)) if "7-05" in said]
    delivery = room.one("select delivery_id from raw.deliveries where path like '%7-05%'")
    assert said.startswith(f"delivery {delivery} ({FEED}/dt=2021-7-05/bill.csv) is rejected: ")
    manifest.reject(room.connection, {delivery: "moved to 2021-07-05"})
    assert found(room, "7-05") == []
    room.ingest()  # it lies there still, and is known
    assert room.one("select count(*) from raw.deliveries where path like '%7-05%'") == 1
    with pytest.raises(UsageError, match="it is rejected"):
        manifest.reject(room.connection, {delivery: "once more"})


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


def test_a_folder_that_can_not_be_read_stands_until_somebody_has_decided(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what lies there."""
    path = put(room, 1, wechat(bill("11", 1)))
    real, denied = os.scandir, str(Path(path).parent)

    def scandir(folder: Path) -> object:
        if str(folder).endswith(denied):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr("os.scandir", scandir)
    room.ingest()
    assert room.all("select path, status, status_reason from raw.deliveries") == [
        (denied, "rejected", "the folder can't be read: Permission denied")
    ]
    assert room.ingest().unchanged == 1
    monkeypatch.undo()
    put(room, 2, wechat(bill("11", 2)))
    ingest(room)
    assert room.status(path)[0] == "accepted"
    assert found(room, "can't be read") != []
    manifest.reject(room.connection, {1: "it can be read again"})
    assert found(room, "can't be read") == []


@pytest.mark.parametrize("later_ingests", [0, 2])
def test_other_content_where_something_was_decided_stands_again(
    room: Room, later_ingests: int
) -> None:
    put(room, 1, wechat(bill("11", 1)))
    lost = room.home.landing / FEED / "bill.csv"
    lost.write_bytes(wechat(bill("22", 1)))
    ingest(room)
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
    assert missing_files(room.connection, Month(2021, 7)) == []
    room.put("no header\n", "b.csv", **where)
    path = room.put("no header\n", "b.csv", "claims", "2021-07-01", "native")
    ingest(room)
    assert found(room, "rejected") == [f"{path}) is rejected"]
