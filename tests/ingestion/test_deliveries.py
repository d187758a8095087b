"""The life of a delivery, whatever comes in between."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.home import PROJECT, AnxinError, UsageError
from orchestration.ingestion import content, load, manifest

from .conftest import GOOD, PRODUCTS, Room

COUNTING = (
    "select product_id from raw.products inner join raw.deliveries"
    " on _delivery_id = delivery_id and status = 'accepted' order by all"
)
STATUSES = "select delivery_id, status from raw.deliveries order by all"
EVENTS = "select change_seq, delivery_id, event from raw.change_events order by all"


def counting(room: Room) -> list[str]:
    """Return the products of accepted deliveries."""
    return [str(row[0]) for row in room.all(COUNTING)]


def accept_all(room: Room) -> None:
    """Accept what is loaded, as an audit without findings does."""
    manifest.accept(room.connection, manifest.pending(room.connection))


def product(name: str) -> str:
    """Return a row with the product of that name."""
    return GOOD.replace("p1", name)


def test_delivering_again_changes_nothing(room: Room) -> None:
    room.products(GOOD)
    room.put("x", "bad.parquet")
    first = room.ingest()
    accept_all(room)
    # The stamp saves hashing a file again once it is a while old; nothing else goes by it.
    tables = ("(select * exclude (file_stamp) from raw.deliveries)", "raw.products")
    before = [room.all(f"from {table} order by all") for table in tables]
    room.products(GOOD)
    second = room.ingest()
    assert (first.loaded, first.rejected, first.unchanged) == (1, 1, 0)
    assert (second.loaded, second.rejected, second.unchanged) == (0, 0, 2)
    assert second.deliveries == []
    assert [room.all(f"from {table} order by all") for table in tables] == before


def test_other_content_supersedes_the_path_wholly_and_a_b_a_ends_at_a(room: Room) -> None:
    for rows in (["a", "both"], ["b", "both"], ["a", "both"]):
        room.products(*map(product, rows))
        room.ingest()
        accept_all(room)
        assert counting(room) == rows
    assert room.all(STATUSES) == [(1, "superseded"), (2, "superseded"), (3, "accepted")]
    assert room.all(EVENTS) == [
        (1, 1, "accepted"),
        (2, 2, "accepted"),
        (3, 1, "superseded"),
        (4, 3, "accepted"),
        (5, 2, "superseded"),
    ]
    assert room.all("select delivery_id, change_seq from raw.deliveries order by all") == [
        (1, 3),
        (2, 5),
        (3, 4),
    ]
    assert len({row[0] for row in room.all("select sha256 from raw.deliveries")}) == 2


def test_a_rejected_correction_leaves_the_accepted_content_in_force(room: Room) -> None:
    room.products(product("a"))
    room.ingest()
    accept_all(room)
    room.put("")
    room.ingest()
    accept_all(room)
    assert counting(room) == ["a"]
    room.products(product("a"))
    room.ingest()
    accept_all(room)
    assert room.all(STATUSES) == [(1, "superseded"), (2, "rejected"), (3, "accepted")]


def test_two_paths_do_not_touch_each_other(room: Room) -> None:
    room.products(product("a"), name="a.csv")
    room.products(product("b"), name="b.csv")
    room.ingest()
    accept_all(room)
    assert counting(room) == ["a", "b"]


def test_the_evidence_outlives_a_correction(room: Room) -> None:
    path = room.products(product("a"))
    first = (room.home.landing / path).read_bytes()
    room.ingest()
    room.put("")
    room.ingest()
    for sha256, size in room.all("select sha256, size_bytes from raw.deliveries"):
        kept = (room.home.evidence / sha256[:2] / sha256).read_bytes()
        assert (len(kept), kept in (first, b"")) == (size, True)
    assert len(list(room.home.evidence.glob("??/*"))) == 2
    assert list(room.home.evidence.glob(".*")) == []


def test_a_held_delivery_is_released_by_a_person(room: Room) -> None:
    room.products(GOOD)
    room.ingest()
    manifest.hold(room.connection, {1: "half the rows are missing"})
    assert room.status("native/products/dt=2021-08-12/file.csv") == (
        "held",
        "half the rows are missing",
    )
    assert (manifest.pending(room.connection), counting(room)) == ([], [])
    assert room.ingest().unchanged == 1
    manifest.release(room.connection, 1, "mei")
    assert counting(room) == ["p1"]
    assert room.all("select change_seq, event, reason from raw.change_events order by all") == [
        (1, "held", "half the rows are missing"),
        (2, "released", "released by mei"),
    ]
    with pytest.raises(AnxinError, match=r"delivery 1 .* can't be released: it is accepted"):
        manifest.release(room.connection, 1, "mei")


def test_a_held_delivery_that_was_replaced_cannot_be_released(room: Room) -> None:
    room.products(product("a"))
    room.ingest()
    manifest.hold(room.connection, {1: "odd"})
    room.products(product("b"))
    room.ingest()
    accept_all(room)
    with pytest.raises(AnxinError, match="can't be released: it is superseded, not held"):
        manifest.release(room.connection, 1, "mei")
    assert counting(room) == ["b"]


def test_an_earlier_delivery_never_ends_a_later_one(room: Room) -> None:
    room.products(product("a"))
    room.ingest()
    room.products(product("b"))
    room.ingest()
    manifest.hold(room.connection, {2: "odd"})
    manifest.accept(room.connection, [1])
    assert room.all(STATUSES) == [(1, "accepted"), (2, "held")]
    manifest.release(room.connection, 2, "mei")
    assert counting(room) == ["b"]


def test_two_loaded_deliveries_of_a_path_end_at_the_later_one(room: Room) -> None:
    for name in ("a", "b"):
        room.products(product(name))
        room.ingest()
    manifest.accept(room.connection, [2, 1])
    assert counting(room) == ["b"]
    assert room.all(EVENTS) == [(1, 1, "accepted"), (2, 2, "accepted"), (3, 1, "superseded")]


def test_an_accepted_delivery_can_be_rejected_later(room: Room) -> None:
    room.products(GOOD)
    room.ingest()
    accept_all(room)
    manifest.reject(room.connection, {1: "sent by mistake"})
    assert counting(room) == []
    with pytest.raises(AnxinError, match="can't be rejected: it is rejected"):
        manifest.reject(room.connection, {1: "again"})


def test_what_was_read_of_a_rejected_file_before_is_rejected_with_it(room: Room) -> None:
    room.products(product("old"))
    room.ingest()
    path = room.products(product("a"))
    room.ingest()
    accept_all(room)
    (room.home.landing / f"{path}.manifest.json").write_text('{"rows": 1000}')
    assert room.ingest().held == 1
    assert manifest.reject(room.connection, {3: "incomplete"}) == [2, 3]
    assert counting(room) == []
    assert room.all(
        "select delivery_id, status, status_reason from raw.deliveries order by all"
    ) == [
        (1, "superseded", "replaced by delivery 2"),
        (2, "rejected", "incomplete (delivery 3, the same file)"),
        (3, "rejected", "incomplete"),
    ]


def test_a_further_reason_is_added_to_that_of_a_held_delivery(room: Room) -> None:
    path = room.products(GOOD)
    room.ingest()
    manifest.hold(room.connection, {1: "odd"})
    manifest.hold(room.connection, {1: "empty"})
    assert room.status(path) == ("held", "odd; empty")
    manifest.release(room.connection, 1, "mei")
    with pytest.raises(AnxinError, match="can't be held: it is accepted"):
        manifest.hold(room.connection, {1: "late"})


def test_what_a_person_rejected_stays_so_until_other_content_comes(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = room.products(GOOD)
    room.ingest()
    accept_all(room)
    manifest.reject(room.connection, {1: "sent by mistake"})
    monkeypatch.setattr(load, "fingerprint", lambda *_: "another contract")
    assert room.ingest().unchanged == 1
    assert room.status(path)[0] == "rejected"
    room.products(product("other"))
    room.ingest()
    assert room.status(path)[0] == "loaded"


def test_what_could_not_be_read_is_tried_under_another_contract(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = room.put("x", "c.parquet")
    room.ingest()
    assert (room.status(path)[0], room.ingest().unchanged) == ("rejected", 1)
    monkeypatch.setattr(load, "fingerprint", lambda *_: "another contract")
    assert room.ingest().rejected == 1


def test_a_change_that_cannot_be_made_changes_nothing(room: Room) -> None:
    for name in ("a", "b"):
        room.products(product(name), name=f"{name}.csv")
    room.ingest()
    manifest.hold(room.connection, {1: "odd"})
    with pytest.raises(AnxinError, match="can't be accepted: it is held, not loaded"):
        manifest.accept(room.connection, [2, 1])
    with pytest.raises(AnxinError, match="there is no delivery 9"):
        manifest.hold(room.connection, {2: "odd", 9: "odd"})
    assert room.all(STATUSES) == [(1, "held"), (2, "loaded")]
    assert len(room.all(EVENTS)) == 1


def test_many_deliveries_change_at_once_each_with_its_own_number(room: Room) -> None:
    room.ingest()
    room.connection.execute(
        "insert into raw.deliveries (delivery_id, path, status)"
        " select i, 'p' || i, 'loaded' from range(1, 5001) as t(i)"
    )
    accept_all(room)
    query = "select count(*) from raw.deliveries where change_seq = delivery_id"
    assert room.one(query) == 5000
    assert room.one("select max(change_seq) from raw.change_events") == 5000


def test_a_dt_beyond_tomorrow_is_held(room: Room) -> None:
    noon = datetime(2021, 8, 12, 12, 0)  # noqa: DTZ001 (UTC)
    for day in ("2021-08-13", "2021-08-14", "2099-01-01"):
        room.put(f"{PRODUCTS}\n{GOOD}\n", dt=day)
    room.ingest(noon)
    query = "select dt::varchar, status, status_reason from raw.deliveries order by dt"
    reason = "dt {} lies beyond tomorrow; today is 2021-08-12 in Asia/Shanghai"
    assert room.all(query) == [
        ("2021-08-13", "loaded", None),
        ("2021-08-14", "held", reason.format("2021-08-14")),
        ("2099-01-01", "held", reason.format("2099-01-01")),
    ]
    manifest.release(room.connection, 3, "mei")
    assert counting(room) == ["p1"]


def test_tomorrow_begins_where_the_source_is(room: Room) -> None:
    evening = datetime(2021, 8, 12, 16, 30)  # noqa: DTZ001 (UTC; the 13th in Shanghai)
    path = room.put(f"{PRODUCTS}\n{GOOD}\n", dt="2021-08-14")
    room.ingest(evening)
    assert room.status(path)[0] == "loaded"


def test_a_recompute_request_is_one_more_change(room: Room) -> None:
    room.ingest()
    first = manifest.request_recompute(
        room.connection, date(2021, 8, 1), date(2021, 8, 3), "agg_sales_daily\n\tfct_orders "
    )
    second = manifest.request_recompute(room.connection, date(2021, 8, 1), date(2021, 8, 1), " ")
    assert (first, second) == (1, 2)
    assert room.all(EVENTS) == [(1, None, "recompute"), (2, None, "recompute")]
    assert room.all("select * exclude (requested_at) from raw.recompute_requests order by all") == [
        (1, date(2021, 8, 1), date(2021, 8, 3), "agg_sales_daily fct_orders"),
        (2, date(2021, 8, 1), date(2021, 8, 1), None),
    ]
    with pytest.raises(UsageError, match="holds no date"):
        manifest.request_recompute(room.connection, date(2021, 8, 2), date(2021, 8, 1))


def test_a_settled_file_is_not_read_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SETTLED_NS", -(10**15))
    path = room.products(GOOD)
    room.ingest()
    monkeypatch.setattr(content, "hash_file", _must_not_be_read)
    assert room.ingest().unchanged == 1
    os.utime(room.home.landing / path)
    with pytest.raises(AssertionError, match="was read"):
        room.ingest()


def test_a_fresh_file_is_hashed_until_it_is_settled(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.products(GOOD)
    room.ingest()
    room.ingest()
    assert room.one("select file_stamp from raw.deliveries") == ""
    monkeypatch.setattr(content, "SETTLED_NS", -(10**15))
    room.ingest()
    assert room.one("select file_stamp from raw.deliveries").count(",") == 3
    monkeypatch.setattr(content, "hash_file", _must_not_be_read)
    assert room.ingest().unchanged == 1


def _must_not_be_read(location: Path) -> str:
    raise AssertionError(f"{location} was read")


def test_a_file_that_is_still_written_to_waits_for_the_next_ingest(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = room.products(GOOD)
    stamps = iter(["before", "after"])
    with monkeypatch.context() as patch:
        patch.setattr(content, "_identity", lambda _: next(stamps))
        report = room.ingest()
    assert "can't be read now: is being written to" in report.problems[0].reason
    assert report.unreadable == {path: "is being written to; the next ingest takes it up"}
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert (vars(record)["path"], vars(record)["note"]) == (path, report.unreadable[path])
    assert room.all(STATUSES) == []
    assert room.ingest().unreadable == {}
    assert room.status(path)[0] == "loaded"


def test_nothing_of_a_file_stays_in_the_session(room: Room) -> None:
    threads = room.one("select current_setting('threads')")
    room.products(GOOD, "bad")
    room.ingest()
    assert room.all("select table_name from duckdb_tables() where temporary") == []
    assert room.one("select current_setting('threads')") == threads


def test_progress_names_every_file(room: Room) -> None:
    from orchestration.ingestion.load import ingest

    room.products(GOOD, name="a.csv")
    room.products(GOOD, name="b.csv")
    told: list[tuple[int, int, str]] = []
    ingest(room.home, room.connection, progress=lambda *event: told.append(event))
    folder = "native/products/dt=2021-08-12"
    assert told == [(0, 2, f"{folder}/a.csv"), (1, 2, f"{folder}/b.csv")]


KILLED = """
import os, sys
from pathlib import Path
import duckdb
from orchestration.home import Home
from orchestration.ingestion import load, manifest
home, where = Home(Path(sys.argv[1])), sys.argv[2]
connection = duckdb.connect(str(home.warehouse))
if where == "in the transaction":
    load.enter = lambda *_: os._exit(9)
elif where == "after the commit":
    load._count = lambda *_: os._exit(9)
elif where == "between two files":
    def progress(done, *_):
        if done:
            os._exit(9)
    load.ingest(home, connection, progress=progress)
load.ingest(home, connection)
os._exit(9)
"""


@pytest.mark.parametrize(
    "where", ["in the transaction", "after the commit", "between two files", "before the audit"]
)
def test_after_a_kill_the_next_ingest_ends_in_the_same_state(room: Room, where: str) -> None:
    room.products(product("a"), name="a.csv")
    room.products(product("b"), "bad", name="b.csv")
    room.put("x", "c.parquet")
    room.connection.close()
    command = [sys.executable, "-c", KILLED, str(room.home.root), where]
    killed = subprocess.run(command, cwd=PROJECT, check=False)
    assert killed.returncode == 9
    room.connection = duckdb.connect(str(room.home.warehouse))
    room.ingest()
    pending = manifest.pending(room.connection)
    assert pending == [1, 2]
    manifest.accept(room.connection, pending)
    assert counting(room) == ["a", "b"]
    assert room.all(STATUSES) == [(1, "accepted"), (2, "accepted"), (3, "rejected")]
    assert len(room.reasons()) == 1
    assert room.ingest().unchanged == 3
    room.connection.close()
