"""A file that is not what its sidecar states is held, with both values in the reason."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pytest

from orchestration.ingestion import manifest
from orchestration.ingestion.books import Entry, enter

from .conftest import NOW, Room

HEADER = "line_id,order_id,product_id,channel,item_count,order_amount,pay_amount,updated_at"
ROWS = "".join(
    f"l{number},o1,p1,live,1,100,{amount},2021-08-01\n"
    for number, amount in enumerate((9007199254740993 // 10**5, 2, "broken"))
)
FILE = f"{HEADER}\n{ROWS}"
NOT_UTF8 = "a.csv.manifest.json holds text that is not UTF-8"
TOTAL = 9007199254740993 // 10**5 + 2


def put(room: Room, stated: object) -> str:
    """Put the file with a sidecar."""
    content = stated if isinstance(stated, str) else json.dumps(stated)
    room.put(content, "a.csv.manifest.json", feed="order_lines")
    return room.put(FILE, "a.csv", feed="order_lines")


def test_a_sidecar_that_agrees_changes_nothing(room: Room) -> None:
    sha256 = hashlib.sha256(FILE.encode()).hexdigest()
    path = put(
        room, {"rows": 3, "sums": {"Pay_Amount": TOTAL, "order_amount": "300.00"}, "sha256": sha256}
    )
    room.ingest()
    assert room.status(path) == ("loaded", "")


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        (
            {"sums": {"pay_amount": TOTAL + 1}},
            f"a.csv.manifest.json states the sum of pay_amount as {TOTAL + 1}, the file has"
            f" {TOTAL} (1 values are no numbers)",
        ),
        ({"rows": 2}, "a.csv.manifest.json states 2 rows, the file has 3"),
        ({"sha256": "ab"}, "states the sha256 ab, the file has "),
        ({"sums": {"paid": 1}}, "states a sum of paid, which the file lacks"),
        ({"sums": {"pay_amount": "much"}}, "as 'much', which is no number"),
        ({"sums": [1]}, "is not of the form"),
        ({"row": 3}, "states 'row'; known are rows, sums, sha256"),
        ("{", "a.csv.manifest.json is no JSON"),
        ({"rows": True}, "a.csv.manifest.json states rows as True, which is no number"),
        ({"rows": "3"}, "states rows as '3', which is no number"),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "is no JSON"),
        ({"sha256": "\ud800"}, NOT_UTF8),
        ({"rows": "\ud800"}, NOT_UTF8),
        ({"sums": {"\ud800": 1}}, NOT_UTF8),
        ({"hash_type": "\ud800", "hash_value": "a"}, NOT_UTF8),
    ],
)
def test_a_file_that_differs_from_its_sidecar_is_held(
    room: Room, stated: object, reason: str
) -> None:
    path = put(room, stated)
    other = room.put(FILE, "b.csv", feed="order_lines")
    report = room.ingest()
    status, found = room.status(path)
    assert status == "held"
    assert reason in found
    assert (report.held, report.loaded) == (1, 1)
    assert room.status(other)[0] == "loaded"
    assert room.all("select event, reason from raw.change_events") == [("held", found)]


@pytest.mark.parametrize("total", [1, "13900000000", "Li Lei"])
@pytest.mark.parametrize("column", ["phone", "Customer_ID", "spare_phone"])
def test_the_sum_of_a_column_that_may_be_personal_is_compared_and_not_shown(
    room: Room, column: str, total: object
) -> None:
    content = f"{column},customer_name,updated_at\n13912345678,Li Lei,2021-08-01\n"
    if column != "Customer_ID":
        content = "".join(
            f"{name},{line}\n"
            for name, line in zip(("customer_id", "c1"), content.splitlines(), strict=True)
        )
    paths = {}
    for name, stated in (("wrong", total), ("right", 13912345678)):
        sums = json.dumps({"sums": {column: stated}})
        room.put(sums, f"{name}.csv.manifest.json", feed="customers")
        paths[name] = room.put(content, f"{name}.csv", feed="customers")
    room.ingest()
    assert room.status(paths["right"])[0] == "loaded"
    assert room.status(paths["wrong"]) == (
        "held",
        f"wrong.csv.manifest.json states a sum of {column} that the file does not have"
        " (values not shown)",
    )


def test_sums_are_exact_where_doubles_are_not(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    duckdb.execute(
        "copy (select 'p' || i as product_id, 'm' as merchant_id, 'c' as category_id, 0.1 as price,"
        f" timestamp '2021-08-01' as updated_at from range(1000) as t(i)) to '{file}'"
    )
    for name, total in (("a", "100"), ("b", "99.9999999999")):
        room.put(json.dumps({"sums": {"price": total}}), f"{name}.parquet.manifest.json")
        room.put(file.read_bytes(), f"{name}.parquet")
    room.ingest()
    assert room.all("select path[-9:], status from raw.deliveries order by path") == [
        ("a.parquet", "loaded"),
        ("b.parquet", "held"),
    ]


def test_a_corrected_sidecar_gives_a_held_file_another_chance(room: Room) -> None:
    path = put(room, {"rows": 4})
    room.ingest()
    room.ingest()
    assert room.one("select count(*) from raw.deliveries") == 1
    put(room, {"rows": 3})
    room.ingest()
    assert room.status(path)[0] == "loaded"


def test_a_sidecar_that_comes_after_its_file_is_checked(room: Room) -> None:
    path = room.put(FILE, "a.csv", feed="order_lines")
    room.ingest()
    manifest.accept(room.connection, [1])
    put(room, {"rows": 4})
    room.ingest()
    assert room.status(path)[0] == "held"
    assert room.all("select status from raw.deliveries order by delivery_id") == [
        ("accepted",),
        ("held",),
    ]
    put(room, {"rows": 3})
    room.ingest()
    assert room.status(path)[0] == "loaded"
    (room.home.landing / f"{path}.manifest.json").unlink()
    assert room.ingest().unchanged == 1


def test_a_sidecar_that_is_a_link_is_not_read(room: Room, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('{"rows": 3}')
    path = put(room, {})
    sidecar = room.home.landing / f"{path}.manifest.json"
    sidecar.unlink()
    sidecar.symlink_to(tmp_path / "rows.json")
    room.ingest()
    assert room.status(path) == ("held", "a.csv.manifest.json is a link")


def test_a_sidecar_that_is_no_regular_file_is_not_waited_for(room: Room) -> None:
    path = room.put(FILE, "a.csv", feed="order_lines")
    os.mkfifo(room.home.landing / f"{path}.manifest.json")
    room.ingest()
    assert room.status(path) == ("held", "a.csv.manifest.json is no regular file")


def test_a_name_that_leaves_no_room_for_that_of_a_sidecar_has_none(room: Room) -> None:
    path = room.put(FILE, f"{'a' * 251}.csv", feed="order_lines")
    room.ingest()
    assert room.status(path) == ("loaded", "")


def test_a_reason_that_no_table_could_hold_is_entered_escaped(room: Room) -> None:
    room.ingest()
    entry = Entry("a.csv", "rejected", "is \ud800")
    enter(room.connection, 1, entry, NOW)
    assert room.status("a.csv") == ("rejected", "is \\ud800")
