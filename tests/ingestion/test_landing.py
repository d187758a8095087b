"""What lies in the landing is listed safely, and what is delivered gets there in one step."""

from __future__ import annotations

import os
import resource
from datetime import date
from pathlib import Path

import pytest

from orchestration.home import UsageError
from orchestration.ingestion import manifest
from orchestration.ingestion.landing import deliver, list_deliveries

from .conftest import GOOD, PRODUCTS, Room

FILE = f"{PRODUCTS}\n{GOOD}\n"
LONG = f"{'a' * 251}.csv"


def test_odd_names_are_loaded_like_any_other(room: Room) -> None:
    names = [
        'it\'s "quoted".csv',
        "with space.csv",
        "a..%2e%2e.csv",
        "new\nline.csv",
        "x'; drop table raw.products; --.csv",
        "glob*[a]?.csv",
        "-dash.csv",
        "汉字.csv",
        "back\\slash..\\..\\.csv",
    ]
    paths = [room.put(FILE, name) for name in names]
    report = room.ingest()
    assert report.problems == []
    assert sorted(row[0] for row in room.all("select path from raw.deliveries")) == sorted(paths)
    assert room.one("select count(*) from raw.products") == len(names)
    assert room.ingest().unchanged == len(names)


def test_what_is_hidden_temporary_or_a_sidecar_is_ignored(room: Room) -> None:
    for name in (".a.csv", "_a.csv", "a.csv.tmp", "a.part", "lost.csv.manifest.json", "A.TMP"):
        room.put(FILE, name)
    room.put(FILE, "a.csv", feed="_scratch")
    assert list_deliveries(room.home) == ([], [])


def test_what_is_no_delivery_is_recorded_once_and_stops_nothing(room: Room) -> None:
    good = room.put(FILE)
    odd = {
        room.put(FILE, source="nobody"): "the source 'nobody' is unknown",
        room.put(FILE, feed="nothing"): "the source native has no feed 'nothing'",
        room.put(FILE, dt="2021-13-01"): "no folder of the form dt=YYYY-MM-DD",
        room.put(FILE, dt="20210801"): "no folder of the form dt=YYYY-MM-DD",
        room.put(FILE, "a.txt"): "the name has no known ending",
    }
    (room.home.landing / "stray.csv").write_text(FILE)
    odd["stray.csv"] = "does not lie at <source>/<feed>/dt=YYYY-MM-DD/<file>"
    report = room.ingest()
    for path, reason in odd.items():
        status, found = room.status(path)
        assert (status, reason in found) == ("rejected", True), path
    assert room.status(good)[0] == "loaded"
    assert (report.rejected, report.loaded) == (len(odd), 1)
    again = room.ingest()
    assert (again.rejected, again.problems) == (0, [])


def test_links_out_of_the_landing_are_refused(room: Room, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "dt=2021-08-12").mkdir(parents=True)
    (outside / "dt=2021-08-12" / "secret.csv").write_text(FILE)
    good = room.put(FILE)
    folder = (room.home.landing / good).parent
    (folder / "link.csv").symlink_to(outside / "dt=2021-08-12" / "secret.csv")
    (folder / "gone.csv").symlink_to(folder / "nowhere")
    (folder / "not mounted.csv").symlink_to(tmp_path / "nowhere")
    (folder / "inside.csv").symlink_to(room.home.landing / good)
    (folder.parent / "dt=2021-08-11").symlink_to(outside / "dt=2021-08-12")
    (room.home.landing / "native" / "orders").symlink_to(outside)
    (folder.parent / "loop").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.csv")
    room.ingest()
    found = dict(room.all("select path, coalesce(status_reason, '') from raw.deliveries"))
    leaving = "is a link that leads out of the landing; deliver the file itself"
    assert found == {
        good: "",
        "native/products/dt=2021-08-12/inside.csv": "",
        "native/products/dt=2021-08-12/link.csv": leaving,
        "native/products/dt=2021-08-12/gone.csv": "is a link that leads nowhere",
        "native/products/dt=2021-08-12/not mounted.csv": leaving,
        "native/products/dt=2021-08-11": leaving,
        "native/orders": leaving,
        "native/products/loop": "is a link to a folder; links to folders are not followed",
        "native/products/dt=2021-08-12/pipe.csv": "is no regular file",
    }
    assert room.one("select count(*) from raw.products") == 2


def test_a_name_that_is_not_utf8_is_recorded_escaped(room: Room) -> None:
    alike = room.put(FILE, "\\xff.csv")
    folder = (room.home.landing / alike).parent
    (folder / os.fsdecode(b"\xff.csv")).touch()
    (room.home.landing / os.fsdecode(b"\xff.csv")).touch()
    (room.home.landing / "\\xff.csv").touch()
    room.ingest()
    assert room.status(f"./{alike}") == ("rejected", "the file's name is not UTF-8")
    assert room.status(alike) == ("loaded", "")
    assert room.ingest().unchanged == 4


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a feed `goods` that a source `shop` delivers, without any mapping."""
    feed = tmp_path / "sources" / "shop" / "goods"
    feed.mkdir(parents=True)
    (feed.parent / "source.yml").write_text("{time_zone: UTC, currency_code: EUR}")
    monkeypatch.setattr("orchestration.ingestion.sources.SOURCES_FOLDER", feed.parents[1])
    return feed


def test_a_feed_that_becomes_known_is_loaded(room: Room, shop: Path) -> None:
    path = room.put(FILE, source="shop", feed="goods")
    room.ingest()
    assert room.status(path)[0] == "rejected"
    (shop / "products.sql").write_text("select * from delivered -- as it is\n")
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert room.all("select product_id, merchant_id, source from raw.products") == [
        ("shop:p1", "shop:m1", "shop")
    ]


def test_a_feed_that_becomes_known_is_loaded_though_its_file_had_been_refused(
    room: Room, shop: Path
) -> None:
    path = room.put(FILE, source="shop", feed="goods")
    room.ingest()
    manifest.reject(room.connection, {1: "no such feed yet"})
    assert room.ingest().unchanged == 1
    (shop / "products.sql").write_text("select * from delivered -- as it is\n")
    room.ingest()
    assert room.status(path)[0] == "loaded"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("select nonsense from delivered where", "shop/goods/products.sql does not fit the file: "),
        ("select no_such_function(1) as product_id from delivered", "does not fit the file: "),
        ("select *, product_id as shelf from delivered", "yields shelf, which the contract lacks"),
        ("select * exclude (_row_number) from delivered", "does not yield _row_number"),
        ("select * exclude (merchant_id) from delivered", "lacks the required column merchant_id"),
        ("select * from delivered where product_id::bigint > 0", "shop/goods fails on the file: "),
        ("select * from delivered where size > 0", "the file lacks the column size, which"),
    ],
)
def test_a_mapping_that_fails_rejects_its_files_until_it_is_mended(
    room: Room, shop: Path, mapping: str, reason: str
) -> None:
    (shop / "products.sql").write_text(mapping)
    path = room.put(FILE, source="shop", feed="goods")
    room.ingest()
    status, found = room.status(path)
    assert (status, reason in found) == ("rejected", True), found
    assert room.ingest().unchanged == 1
    (shop / "products.sql").write_text("select * replace ('p' as product_id) from delivered;")
    room.ingest()
    assert room.status(path)[0] == "loaded"


def test_a_delivered_file_lies_whole_in_its_place(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(FILE)
    target = deliver(room.home, file, "native", "products", "2021-08-12")
    assert target == room.home.landing / "native/products/dt=2021-08-12/a.csv"
    assert target.read_text() == FILE
    sidecar = tmp_path / "a.csv.manifest.json"
    sidecar.write_text('{"rows": 1}')
    file.write_text(FILE + FILE)
    assert deliver(room.home, file, "native", "products", date(2021, 8, 12)) == target
    assert target.read_text() == FILE + FILE
    assert (target.parent / sidecar.name).read_text() == '{"rows": 1}'
    sidecar.unlink()
    deliver(room.home, file, "native", "products", "2021-08-12")
    assert [entry.name for entry in target.parent.iterdir()] == ["a.csv"]


def test_a_sidecar_holds_a_file_back_until_the_next_one_lies_whole_in_its_place(
    room: Room, tmp_path: Path
) -> None:
    path = room.put(FILE, "a.csv")
    sidecar = room.home.landing / f"{path}.manifest.json"
    sidecar.write_text('{"rows": 1000}')
    (tmp_path / "a.csv").write_text(FILE + GOOD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(FILE), hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            deliver(room.home, tmp_path / "a.csv", "native", "products", "2021-08-12")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (sidecar.read_text(), room.ingest().held) == ('{"rows": 1000}', 1)
    deliver(room.home, tmp_path / "a.csv", "native", "products", "2021-08-12")
    assert not sidecar.exists()


def test_a_file_delivered_by_a_path_with_dots_keeps_only_its_name(
    room: Room, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "..odd.csv.csv").write_text(FILE)
    (tmp_path / "b.csv").write_text(FILE)
    target = deliver(
        room.home, tmp_path / "sub" / ".." / "b.csv", "native", "products", "2021-08-12"
    )
    assert target.parent == room.home.landing / "native/products/dt=2021-08-12"
    with pytest.raises(UsageError, match="is no name of a delivery"):
        deliver(room.home, tmp_path / "..odd.csv.csv", "native", "products", "2021-08-12")


@pytest.mark.parametrize(
    ("name", "source", "feed", "dt", "message"),
    [
        ("a.csv", "nobody", "products", "2021-08-12", "there is no source 'nobody'"),
        ("a.csv", "native", "../../x", "2021-08-12", "has no feed '../../x'"),
        ("a.csv", "native", "products", "../2021", "'../2021' is no date"),
        ("b.csv", "native", "products", "2021-08-12", "there is no file"),
        ("a.txt", "native", "products", "2021-08-12", "'a.txt' is no name of a delivery"),
        ("a.part", "native", "products", "2021-08-12", "is no name of a delivery"),
        (LONG, "native", "products", "2021-08-12", "the name 'aaa.* has more than 241 bytes"),
        (f"{LONG}.csv", "native", "products", "2021-08-12", "has more than 241 bytes"),
    ],
)
def test_a_delivery_that_makes_no_sense_is_refused(
    room: Room, tmp_path: Path, name: str, source: str, feed: str, dt: str, message: str
) -> None:
    for present in ("a.csv", "a.txt", "a.part", LONG):
        (tmp_path / present).write_text(FILE)
    with pytest.raises(UsageError, match=message):
        deliver(room.home, tmp_path / name, source, feed, dt)
    assert list(room.home.landing.iterdir()) == []
